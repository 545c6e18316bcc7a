/**
 * Sockets: who may connect, which rooms they are in, what they are sent first, what they may watch.
 *
 * A client's rooms are joined before what it missed is read, and all of that is sent before it hears
 * that it is connected. Socket.IO's client holds back what comes earlier and then hands it on in one
 * go: so whichever event an application names as the last that it saw, it has seen all before it.
 */
import type { TemplatedApp } from "uWebSockets.js";
import {
  countHandshake,
  countReplayed,
  countResync,
  type HandshakeResult,
} from "../base/metrics/live.ts";
import { Problem, tooMany } from "../contract/errors.ts";
import { Handshake, rooms } from "../contract/events.ts";
import { followees } from "../infra/feed-queries.ts";
import type { LiveSocket } from "../infra/live-publisher.ts";
import { attachTo, type LiveServer } from "../infra/live-server.ts";
import type { Context } from "../services/context.ts";
import type { MissedEvents } from "../services/missed-events.ts";
import type { People } from "../services/people.ts";
import { admitCanary } from "./canary.ts";
import { clientOf } from "./client-of.ts";
import { closeSocketsWithTheirKeys, keyOf } from "./key-expiry.ts";
import { onWatch, watchTweets } from "./watch.ts";

type Live = Pick<Context, "canaryPasses" | "config" | "db" | "clock" | "limits" | "live" | "log">;

const AUTHORS = "author:";

/** Serves the live events on the app's `/socket.io`. */
export function attachLive(
  app: TemplatedApp,
  server: LiveServer,
  ctx: Live,
  people: People,
  missed: MissedEvents,
): void {
  attachTo(app, server);
  admitCanary(server, ctx);
  closeSocketsWithTheirKeys(server, ctx, people);
  server.use((socket, next) => {
    welcome(ctx, people, missed, socket).then(
      () => {
        countHandshake("admitted");
        next();
      },
      (error) => {
        const reason = error instanceof Problem ? error.type : "Unavailable";
        countHandshake(reason as HandshakeResult);
        next(new Error(reason));
      },
    );
  });
  server.on("connection", (socket) => {
    onWatch(ctx, socket);
    settle(ctx, socket).catch((error) => {
      ctx.log.debug({ err: error }, "a socket was closed as it connected");
      socket.conn.close(true);
    });
  });
}

/** Joins the socket's rooms and sends what it missed. Connections are counted apart from calls.
 * @throws Problem `Unauthorized`, `TooManyRequests`, `ValidationError`, `Unavailable`. */
async function welcome(ctx: Live, people: People, missed: MissedEvents, socket: LiveSocket) {
  const { id } = await people.authenticate(keyOf(socket), clientOf(socket, ctx.config));
  const exceeded = ctx.limits.sockets.take(id);
  if (exceeded) throw tooMany(exceeded.limit, exceeded.retryAfterS, "connections");
  const auth = Handshake.safeParse(socket.handshake.auth);
  const { userId, authorIds } = await admit(ctx, people, socket);
  // After the key: who has none hears only that.
  if (!auth.success) throw new Problem("ValidationError", "See Handshake in /asyncapi.json.");
  const { since, watch = {} } = auth.data;
  if (watch.userId != null) {
    socket.join(rooms.profile(watch.userId));
    authorIds.push(watch.userId);
  }
  const { messages, cursor } = await missed.read({ since, userId, authorIds });
  socket.data = { ...socket.data, cursor, tweetIds: watch.tweetIds ?? [] };
  ctx.live.send(socket, messages ?? [["resync", {}, { id: cursor }]]);
  if (messages) countReplayed(messages.length);
  else countResync();
}

/** Tells how the watched tweets stand, and that all is there. Until here no message could move or
 * close the socket: when its person has changed meanwhile, or this process was deaf for a moment, the
 * client connects again (or is told why not). */
async function settle(ctx: Live, socket: LiveSocket): Promise<void> {
  const { cursor, tweetIds } = socket.data;
  await watchTweets(ctx, socket, tweetIds);
  if (isCurrent(ctx, socket)) ctx.live.send(socket, [["ready", {}, { id: cursor }]]);
  else socket.conn.close(true);
}

/** Joins the rooms of the person and of those whom they follow. What changed while this was read is
 * seen by the clock, and read again.
 * @throws Problem `Unauthorized`, `Unavailable`. */
async function admit(
  ctx: Live,
  people: People,
  socket: LiveSocket,
): Promise<{ userId: number; authorIds: number[] }> {
  for (;;) {
    const admittedAt = ctx.clock.now;
    const { id } = await people.authenticate(keyOf(socket));
    const authorIds = [id, ...(await followees(ctx.db, id))];
    const wanted = authorIds.map(rooms.author);
    for (const room of socket.rooms) {
      if (room.startsWith(AUTHORS) && !wanted.includes(room)) socket.leave(room);
    }
    socket.join([rooms.user(id), ...wanted]);
    socket.data = { ...socket.data, userId: id, admittedAt };
    if (isCurrent(ctx, socket)) return { userId: id, authorIds };
    if (!ctx.clock.trusted) throw new Problem("Unavailable", "No changes are heard of just now.");
  }
}

/** Does the socket's person still have this key and follow the same people? */
const isCurrent = ({ clock }: Live, { data }: LiveSocket): boolean =>
  clock.isFresh(data.admittedAt, "user", data.userId);
