/** Sockets: who may connect, which rooms they are in, what they may watch. */
import type { TemplatedApp } from "uWebSockets.js";
import type { Socket } from "socket.io";
import { z } from "zod";
import { Problem } from "../contract/errors.ts";
import {
  type ClientToServerEvents,
  MAX_WATCHED,
  rooms,
  type ServerToClientEvents,
  type SocketData,
} from "../contract/events.ts";
import { Id } from "../contract/schemas.ts";
import { followees } from "../infra/feed-queries.ts";
import type { LiveServer } from "../infra/live-publisher.ts";
import type { Context } from "../services/context.ts";
import type { People } from "../services/people.ts";

type LiveSocket = Socket<
  ClientToServerEvents,
  ServerToClientEvents,
  Record<string, never>,
  SocketData
>;

const Handshake = z.object({ apiKey: z.string() });
const Watch = z.union([
  z.object({ tweetIds: z.array(Id).max(MAX_WATCHED) }),
  z.object({ userId: Id.nullable() }),
]);

/** Serves the live events on the app's `/socket.io`. */
export function attachLive(
  app: TemplatedApp,
  server: LiveServer,
  ctx: Pick<Context, "db" | "clock" | "log">,
  people: People,
): void {
  server.attachApp(app);
  server.use((socket, next) => {
    authenticate(people, socket).then(
      () => next(),
      (error) => next(error instanceof Problem ? new Error(error.type) : new Error("Unavailable")),
    );
  });
  server.on("connection", (socket) => {
    socket.on("watch", (request, acknowledge) => {
      if (typeof acknowledge === "function") acknowledge(watch(socket, request));
      else watch(socket, request);
    });
    joinRooms(ctx, socket).catch((error) => {
      ctx.log.warn({ err: error }, "a socket could not join its rooms");
      socket.disconnect(true); // it connects again, and tries again
    });
  });
}

/** @throws Problem `Unauthorized`, `Unavailable`. */
async function authenticate(people: People, socket: LiveSocket): Promise<void> {
  const handshake = Handshake.safeParse(socket.handshake.auth);
  const person = await people.authenticate(handshake.data?.apiKey ?? "");
  socket.data.userId = person.id;
}

/** Joins the person's own room first: from then on a follow or unfollow moves this socket too. What
 * was followed or unfollowed while the list was read is seen by the clock, and read again. */
async function joinRooms(ctx: Pick<Context, "db" | "clock">, socket: LiveSocket): Promise<void> {
  const { userId } = socket.data;
  socket.join([rooms.user(userId), rooms.author(userId)]);
  for (;;) {
    const stamp = ctx.clock.now;
    const authors = (await followees(ctx.db, userId)).map(rooms.author);
    const own = new Set([...authors, rooms.author(userId)]);
    for (const room of socket.rooms) {
      if (room.startsWith(rooms.author(0).slice(0, -1)) && !own.has(room)) socket.leave(room);
    }
    socket.join(authors);
    if (!ctx.clock.trusted || ctx.clock.isFresh(stamp, "user", userId)) return;
  }
}

function watch(socket: LiveSocket, request: unknown) {
  const parsed = Watch.safeParse(request);
  if (!parsed.success) {
    return {
      result: false as const,
      error_type: "ValidationError",
      error_message: `Send {tweetIds: ids} with at most ${MAX_WATCHED} ids, or {userId: id}.`,
    };
  }
  const wanted = parsed.data;
  const [kind, ids] =
    "tweetIds" in wanted
      ? (["tweet", wanted.tweetIds] as const)
      : (["profile", wanted.userId === null ? [] : [wanted.userId]] as const);
  for (const room of socket.rooms) if (room.startsWith(`${kind}:`)) socket.leave(room);
  socket.join(ids.map(rooms[kind]));
  return { result: true as const, watching: ids.length };
}
