/** The least that could broadcast: Socket.IO on uWebSockets.js in one process, with one room. Each
 * message says what to emit and how often; the answer tells when. */
import { Server } from "socket.io";
import { uWS } from "../src/http/uws.ts";
import { pace } from "./pace.ts";

export interface Broadcast {
  perSecond: number;
  seconds: number;
  /** Name and arguments of the event; the first argument's id is counted up. */
  event: [name: string, tweet: { id: number }, meta: object];
}

/** When each id was emitted, in ms since the epoch. */
export type Emitted = [id: number, at: number][];

const ROOM = "room";
/** No id comes twice, whatever is asked for. */
let nextId = 0;
const app = uWS.App();
const server = new Server();
server.attachApp(app);
server.on("connection", (socket) => socket.join(ROOM));

process.on("message", async ({ perSecond, seconds, event: [name, tweet, meta] }: Broadcast) => {
  const emitted: Emitted = [];
  nextId = Math.max(nextId, tweet.id);
  await pace(perSecond, seconds, () => {
    const id = nextId++;
    emitted.push([id, performance.timeOrigin + performance.now()]);
    server.to(ROOM).emit(name, { ...tweet, id }, meta);
  });
  process.send?.(emitted);
});
app.listen("127.0.0.1", 0, (socket) => {
  if (!socket) throw new Error("no port is free");
  process.send?.({ port: uWS.us_socket_local_port(socket) });
});
process.once("disconnect", () => process.exit());
