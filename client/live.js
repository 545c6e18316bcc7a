/** The live connection. */
import { io } from "/socket.io/socket.io.esm.min.js";

/**
 * @param key of the person.
 * @param handlers by event name, called with its payload.
 * @param show is told `live`, `connecting` or `offline` whenever that changes.
 * @param joined is called at each connection: what was missed before it has to be read again.
 * @param refused is called when the server does not take the key.
 * @returns a function that ends it.
 */
export function connect(key, { handlers, show, joined, refused }) {
  const socket = io({ auth: { apiKey: key }, transports: ["websocket"] });
  for (const [event, handle] of Object.entries(handlers)) socket.on(event, handle);
  show("connecting");
  socket.on("connect", () => {
    show("live");
    joined();
  });
  socket.on("connect_error", ({ message }) => {
    show("offline");
    // The server's refusal ends the attempts, other failures are tried again by themselves.
    if (message === "Unauthorized") refused();
    else if (!socket.active) setTimeout(() => socket.connect(), 2000);
  });
  socket.on("disconnect", (reason) => {
    show("offline");
    // Closed by the server: it goes down, or the key was revoked; the next answer tells which.
    if (reason === "io server disconnect") setTimeout(() => socket.connect(), 500);
  });
  return () => {
    socket.off();
    socket.disconnect();
  };
}
