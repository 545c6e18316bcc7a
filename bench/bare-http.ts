/** The least that could answer: uWebSockets.js with constant bytes. The first message gives the
 * answers by path; the one back tells the port. */
import { uWS } from "../src/http/uws.ts";

export interface Constant {
  headers: [name: string, value: string][];
  body: Uint8Array;
}

process.once("message", (answers: Record<string, Constant>) => {
  const app = uWS.App();
  for (const [path, { headers, body }] of Object.entries(answers)) {
    app.get(path, (res) => {
      for (const [name, value] of headers) res.writeHeader(name, value);
      res.end(body);
    });
  }
  app.listen("127.0.0.1", 0, (socket) => {
    if (!socket) throw new Error("no port is free");
    process.send?.({ port: uWS.us_socket_local_port(socket) });
  });
});
process.once("disconnect", () => process.exit());
