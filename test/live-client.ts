/** A browser's end of the live connection, for tests: records all that arrives. */
import { io, type Socket } from "socket.io-client";
import type { WatchAnswer, WatchRequest } from "../src/contract/events.ts";
import { eventually, type TestUser } from "./service.ts";

export interface Received {
  event: string;
  // The tests assert its shape themselves.
  // biome-ignore lint/suspicious/noExplicitAny: a payload of any event
  payload: any;
  /** The event's id. */
  id: string;
}

export class LiveClient {
  readonly socket: Socket;
  readonly received: Received[] = [];
  /** What had come when it heard that it is connected. */
  beforeConnect: Received[] = [];
  disconnected = false;
  /** The id of the last event. */
  since: string | undefined;
  /** How often it was told that it has all that it missed. */
  caughtUp = 0;

  constructor(url: string, apiKey: unknown, auth: object) {
    this.socket = io(url, {
      auth: (give) => give({ apiKey, since: this.since, ...auth }),
      transports: ["websocket"],
      forceNew: true,
    });
    this.socket.onAny((event, payload, meta) => {
      this.since = meta.id;
      if (event === "ready") this.caughtUp += 1;
      else this.received.push({ event, payload, id: meta.id });
    });
    this.socket.on("connect", () => {
      this.beforeConnect = [...this.received];
    });
    this.socket.on("disconnect", () => {
      this.disconnected = true;
    });
  }

  /** Connects; from then on nothing is missed. @param auth beside the key.
   * @throws Error when refused. */
  static async connect(
    url: string,
    user: Pick<TestUser, "key">,
    auth: object = {},
  ): Promise<LiveClient> {
    const client = new LiveClient(url, user.key, auth);
    await new Promise<void>((resolve, reject) => {
      const refuse = (error: Error) => {
        client.close();
        reject(error);
      };
      client.socket.once("connect_error", refuse);
      client.socket.once("ready", () => {
        client.socket.off("connect_error", refuse); // from now on it connects again by itself
        resolve();
      });
    });
    return client;
  }

  watch(request: WatchRequest | object): Promise<WatchAnswer> {
    return this.socket.timeout(5000).emitWithAck("watch", request);
  }

  of(event: string): Received[] {
    return this.received.filter((each) => each.event === event);
  }

  /** Waits for the first event of this name whose payload fits. */
  async next(event: string, fits: (payload: Received["payload"]) => boolean = () => true) {
    return eventually(() => {
      const found = this.of(event).find(({ payload }) => fits(payload));
      if (!found) throw new Error(`no ${event}; there were ${JSON.stringify(this.received)}`);
      return found;
    });
  }

  close(): void {
    this.socket.disconnect();
  }
}
