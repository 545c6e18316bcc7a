/** A Socket.IO server that does what the contract says of the live connection, and can be made to
 * fail in the middle of it, which the real one cannot. Real sockets, on a port that it keeps. */
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import type {
  ClientToServerEvents,
  Handshake,
  ServerToClientEvents,
  WatchRequest,
} from "../../src/contract/events.ts";

type Connection = Socket<ClientToServerEvents, ServerToClientEvents>;

export class TestLiveServer {
  readonly handshakes: Handshake[] = [];
  readonly watches: WatchRequest[] = [];
  /** The ids of all events so far, in order; each is a `tweet:deleted` of that id. */
  readonly log: number[] = [];
  /** Told instead of letting somebody in, one after another. */
  readonly refusals: string[] = [];
  /** What happens between a handshake and its answer. */
  beforeEntry: () => Promise<void> | void = () => undefined;
  /** What happens to a connection before it is sent what it missed. */
  beforeReplay: (socket: Connection) => Promise<void> | void = () => undefined;
  /** Hears, and does not answer: as behind a network that is gone. */
  isMute = false;
  /** Cursors from before this id are too old. */
  oldestSince = 0;
  #port = 0;
  #http: HttpServer | undefined;
  #io: Server<ClientToServerEvents, ServerToClientEvents> | undefined;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async open(): Promise<void> {
    this.#http = createServer();
    this.#io = new Server(this.#http);
    this.#io.use((socket, next) => {
      this.handshakes.push(socket.handshake.auth as Handshake);
      const refusal = this.refusals.shift();
      const enter = () => next(refusal === undefined ? undefined : new Error(refusal));
      Promise.resolve(this.beforeEntry()).then(enter);
    });
    this.#io.on("connection", (socket) => void this.#admit(socket));
    await new Promise<void>((done) => this.#http?.listen(this.#port, "127.0.0.1", done));
    this.#port = (this.#http.address() as AddressInfo).port;
  }

  /** @param told whether clients hear that it was the server who ended it. */
  async close(told = false): Promise<void> {
    if (told) this.#io?.disconnectSockets(true);
    this.#http?.closeAllConnections();
    await this.#io?.close();
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const socket of this.#io?.sockets.sockets.values() ?? []) socket.conn.close();
  }

  disconnectAll(): void {
    this.#io?.disconnectSockets(true);
  }

  /** Something happens: whoever is connected hears of it. */
  happens(id: number): void {
    this.log.push(id);
    this.#io?.emit("tweet:deleted", { id }, { id: String(id) });
  }

  resync(): void {
    this.#io?.emit("resync", {}, { id: String(this.log.at(-1) ?? 0) });
  }

  async #admit(socket: Connection): Promise<void> {
    socket.on("watch", (request, acknowledge) => {
      this.watches.push(request);
      if (this.isMute) return;
      const isWrong = "tweetIds" in request && request.tweetIds.includes(0);
      acknowledge(
        isWrong
          ? { result: false, error_type: "ValidationError", error_message: "0 is no id." }
          : { result: true, watching: 1 },
      );
    });
    const { since } = socket.handshake.auth as Handshake;
    const last = String(this.log.at(-1) ?? 0);
    await this.beforeReplay(socket);
    if (since !== undefined && Number(since) < this.oldestSince) {
      socket.emit("resync", {}, { id: last });
    } else if (since !== undefined) {
      for (const id of this.log.filter((each) => each > Number(since))) {
        socket.emit("tweet:deleted", { id }, { id: String(id) });
      }
    }
    socket.emit("ready", {}, { id: last });
  }
}
