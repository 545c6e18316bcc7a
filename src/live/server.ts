/** Sockets: who may connect, which rooms they are in, what they may watch. */
import type { TemplatedApp } from "uWebSockets.js";
import type { Socket } from "socket.io";
import { Problem } from "../contract/errors.ts";
import {
  type ClientToServerEvents,
  Handshake,
  MAX_WATCHED,
  rooms,
  type ServerToClientEvents,
  type SocketData,
  WatchRequest,
} from "../contract/events.ts";
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

type Live = Pick<Context, "db" | "clock" | "log">;

const AUTHORS = "author:";

/** Serves the live events on the app's `/socket.io`. */
export function attachLive(app: TemplatedApp, server: LiveServer, ctx: Live, people: People): void {
  server.attachApp(app);
  // Rooms are joined before the client hears that it is connected: what it reads from then on, and
  // what it is sent, leave no gap between them.
  server.use((socket, next) => {
    admit(ctx, people, socket).then(
      () => next(),
      (error) => next(error instanceof Problem ? new Error(error.type) : new Error("Unavailable")),
    );
  });
  server.on("connection", (socket) => {
    socket.on("watch", (request, acknowledge) => {
      if (typeof acknowledge === "function") acknowledge(watch(socket, request));
      else watch(socket, request);
    });
    // Until here, no message to its rooms could move or close the socket.
    if (isCurrent(ctx, socket)) return;
    admit(ctx, people, socket).catch((error) => {
      ctx.log.debug({ err: error }, "a socket was closed as it connected");
      socket.disconnect(true); // it connects again, or is told why not
    });
  });
}

/** Joins the rooms of the person and of those whom they follow. What changed while this was read is
 * seen by the clock, and read again.
 * @throws Problem `Unauthorized`, `Unavailable`. */
async function admit(ctx: Live, people: People, socket: LiveSocket): Promise<void> {
  const key = Handshake.safeParse(socket.handshake.auth).data?.apiKey ?? "";
  do {
    const admittedAt = ctx.clock.now;
    const { id } = await people.authenticate(key);
    const wanted = [id, ...(await followees(ctx.db, id))].map(rooms.author);
    for (const room of socket.rooms) {
      if (room.startsWith(AUTHORS) && !wanted.includes(room)) socket.leave(room);
    }
    socket.join([rooms.user(id), ...wanted]);
    socket.data = { userId: id, admittedAt };
  } while (!isCurrent(ctx, socket));
}

/** Does the socket's person still have this key and follow the same people? While the process hears
 * of no changes, nobody knows: then it is taken as it is. */
const isCurrent = ({ clock }: Live, { data }: LiveSocket): boolean =>
  !clock.trusted || clock.isFresh(data.admittedAt, "user", data.userId);

function watch(socket: LiveSocket, request: unknown) {
  const parsed = WatchRequest.safeParse(request);
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
