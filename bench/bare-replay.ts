/** The least that could send what was missed: Socket.IO on uWebSockets.js that has the events in
 * memory and emits all of them to each client that connects. The first message gives one event and
 * how many; the one back tells the port. */
import { Server } from "socket.io";
import { uWS } from "../src/http/uws.ts";

export interface Replay {
  event: [name: string, ...args: unknown[]];
  count: number;
}

process.once("message", ({ event, count }: Replay) => {
  const app = uWS.App();
  const server = new Server();
  server.attachApp(app);
  server.on("connection", (socket) => {
    for (let i = 0; i < count; i++) socket.emit(...event);
  });
  app.listen("127.0.0.1", 0, (socket) => {
    if (!socket) throw new Error("no port is free");
    process.send?.({ port: uWS.us_socket_local_port(socket) });
  });
});
process.once("disconnect", () => process.exit());
