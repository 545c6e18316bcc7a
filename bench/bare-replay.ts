/** The least that could send what was missed: Socket.IO on uWebSockets.js that has the events in
 * memory and emits all of them to each client that connects. The first message gives one event and
 * how many of its kind, by ids that count up; the one back tells the port. */
import { Server } from "socket.io";
import { uWS } from "../src/http/uws.ts";

export interface Replay {
  event: [name: string, tweet: { id: number }, meta: object];
  count: number;
}

process.once("message", ({ event: [name, tweet, meta], count }: Replay) => {
  const tweets = Array.from({ length: count }, (_, i) => ({ ...tweet, id: tweet.id + i }));
  const app = uWS.App();
  const server = new Server();
  server.attachApp(app);
  server.on("connection", (socket) => {
    for (const each of tweets) socket.emit(name, each, meta);
  });
  app.listen("127.0.0.1", 0, (socket) => {
    if (!socket) throw new Error("no port is free");
    process.send?.({ port: uWS.us_socket_local_port(socket) });
  });
});
process.once("disconnect", () => process.exit());
