/** The live connection: one that comes back by itself, and misses nothing silently. */
import { io, type Socket } from "socket.io-client";
import type {
  ClientToServerEvents,
  Handshake,
  MAX_WATCHED,
  ServerEventName,
  ServerToClientEvents,
  WatchRequest,
} from "../../src/contract/events.ts";
import { backOff, FIRST_WAIT_MS, LONGEST_WAIT_MS, RANDOM_SHARE } from "./back-off.ts";
import { ApiError } from "./errors.ts";
import type { Service } from "./rest.ts";

/**
 * - `live`: all that was missed is there, and everything new comes by itself.
 * - `catching-up`: connected; what was missed is on its way.
 * - `offline`: not connected; tried again for as long as it takes.
 * - `refused`: the key is not taken. Nothing is tried again.
 */
export type LiveState = "live" | "catching-up" | "offline" | "refused";

export interface LiveOptions extends Service {
  /** Reads again what is shown: called at a connection that has nothing to continue from, and when
   * too much was missed. Until it has ended the state is `catching-up`; when it throws, the
   * connection is begun anew, and it is called again. */
  reload: () => Promise<void> | void;
  /** The cursor of an earlier connection, to go on from: then nothing is read again at first. */
  since?: string;
  /** Is told of every change of the state; first when a connection stands, or could not be made. */
  show?: (state: LiveState) => void;
}

/** The server's own; a longer list would be refused. */
const MOST_WATCHED: typeof MAX_WATCHED = 200;
/** A `watch` that nobody has answered by then is left to the next handshake. */
const ANSWER_WITHIN_MS = 10_000;
/** A connection that is in order answers sooner. */
const CHECK_WITHIN_MS = 4000;

type Watched = NonNullable<Handshake["watch"]>;

/** Connects at once. Events may come twice, and those of one reconnection after newer ones: who
 * applies them goes by ids and versions (`Tweets` does). */
export class Live {
  readonly #socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  readonly #options: LiveOptions;
  #state: LiveState | undefined;
  /** The last event up to which nothing is missing. While catching up it stays where it is: what is
   * live by then may overtake what was missed. */
  #since: string | undefined;
  #watched: Watched = {};
  /** What the last handshake told. */
  #told: Watched = this.#watched;
  /** The newest reading that is still under way. */
  #reloading: Promise<void> | undefined;
  #isReady = false;
  #attempts = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#since = options.since;
    const handshake = (): Handshake => {
      this.#told = this.#watched;
      return { apiKey: options.key, since: this.#since, watch: this.#watched };
    };
    this.#socket = io(options.url, {
      auth: (give) => give(handshake()),
      // Without long polling no request has to come to the same process as the one before.
      transports: ["websocket"],
      forceNew: true,
      reconnectionDelay: FIRST_WAIT_MS,
      reconnectionDelayMax: LONGEST_WAIT_MS,
      randomizationFactor: RANDOM_SHARE,
    });
    this.#socket.on("connect", () => this.#connected());
    this.#socket.on("connect_error", ({ message }) => this.#failed(message));
    this.#socket.on("disconnect", () => this.#failed());
    this.#socket.on("resync", () => this.#reload());
    this.#socket.on("ready", (_, { id }) => {
      this.#since = id;
      this.#isReady = true;
      this.#settle();
    });
    this.#socket.onAny((_event, _payload, meta) => {
      if (this.#isReady) this.#since = meta.id;
    });
  }

  get state(): LiveState {
    return this.#state ?? "offline";
  }

  /** Where another connection may go on from, within a day. */
  get since(): string | undefined {
    return this.#since;
  }

  /** Calls `handle` with payload and meta of every event of this name. */
  on<E extends ServerEventName>(event: E, handle: ServerToClientEvents[E]): this {
    // The compiler does not follow the library's own map of reserved events.
    this.#socket.on(event as never, handle as never);
    return this;
  }

  /** Watches tweets or a person beside those that are followed anyway, instead of what was watched
   * of the same kind; at every reconnection, too.
   * @throws ApiError `ValidationError`, when it is too much or no id. */
  async watch(request: WatchRequest): Promise<void> {
    if ("tweetIds" in request && request.tweetIds.length > MOST_WATCHED) {
      const message = `At most ${MOST_WATCHED} tweets can be watched at once.`;
      throw new ApiError("ValidationError", message, 0);
    }
    const before = this.#watched;
    this.#watched = { ...before, ...request };
    const asked = this.#watched;
    if (!this.#socket.connected) return;
    const answer = await this.#tell(request);
    if (answer === undefined || answer.result) return;
    // A handshake that has it would be refused.
    if (this.#watched === asked) this.#watched = before;
    throw new ApiError(answer.error_type, answer.error_message, 0);
  }

  /** Makes sure of the connection, where it may be gone without a word: after a sleep, or when the
   * network has changed. One that does not answer is begun anew, and what was missed comes. */
  async check(): Promise<void> {
    if (this.#state === "refused") return;
    if (this.#socket.connected) {
      const { tweetIds = [] } = this.#watched;
      const answer = await this.#tell({ tweetIds }, CHECK_WITHIN_MS);
      if (answer !== undefined || !this.#socket.connected) return;
    }
    // The library would wait for its next try.
    this.#socket.disconnect();
    clearTimeout(this.#retry);
    this.#socket.connect();
  }

  /** Ends it for good. */
  close(): void {
    clearTimeout(this.#retry);
    this.#reloading = undefined;
    this.#socket.off();
    this.#socket.offAny();
    this.#socket.disconnect();
  }

  #connected(): void {
    this.#set("catching-up");
    if (this.#watched !== this.#told) this.#tellAll();
    if (this.#since === undefined) this.#reload();
  }

  /** The library tries a lost connection again by itself, but neither one that the server's
   * middleware refused nor one that the server closed: then `active` is false. */
  #failed(reason?: string): void {
    this.#isReady = false;
    if (reason === "Unauthorized") {
      this.#set("refused");
      return;
    }
    this.#set("offline");
    if (!this.#socket.active) this.#connectLater();
  }

  #connectLater(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#socket.connect(), backOff(this.#attempts));
    this.#attempts += 1;
  }

  #reload(): void {
    const reloading = (async () => this.#options.reload())();
    this.#reloading = reloading;
    reloading.then(
      () => this.#reloaded(reloading),
      () => this.#reloaded(reloading, true),
    );
  }

  #reloaded(reloading: Promise<void>, hasFailed = false): void {
    if (this.#reloading !== reloading) return;
    this.#reloading = undefined;
    if (!hasFailed) {
      this.#settle();
      return;
    }
    // What is shown is not what it should be: begin anew.
    this.#since = undefined;
    if (this.#socket.connected) this.#socket.disconnect();
  }

  #settle(): void {
    if (!this.#isReady || this.#reloading !== undefined) return;
    this.#attempts = 0;
    this.#set("live");
  }

  #set(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.show?.(state);
  }

  #tellAll(): void {
    const { tweetIds, userId } = this.#watched;
    if (tweetIds) void this.#tell({ tweetIds });
    if (userId !== undefined) void this.#tell({ userId });
  }

  /** @returns undefined when there was no answer: then the next handshake tells it. */
  #tell(request: WatchRequest, withinMs = ANSWER_WITHIN_MS) {
    return this.#socket
      .timeout(withinMs)
      .emitWithAck("watch", request)
      .catch(() => undefined);
  }
}
