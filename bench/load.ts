/**
 * The HTTP load generator: keep-alive connections on `node:net`, each with one request on its way
 * (no pipelining), prebuilt requests, and a parser that reads the status line and the length only.
 * It has to be cheaper than any server that it measures; the tables show both sides' share of CPU.
 */
import { connect, type Socket } from "node:net";

export interface Exchange {
  request: Buffer;
  /** The status line must have one of these, or the load fails. */
  expect: readonly number[];
}

/** What a connection sends next, whenever it has its answer. */
export type Script = (connection: number) => Iterator<Exchange, undefined>;

export interface LoadResult {
  requests: number;
  seconds: number;
  perSecond: number;
}

const HEADER_END = Buffer.from("\r\n\r\n");
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);

/** A request as it goes over the wire. */
export function requestOf(method: string, path: string, key: string): Buffer {
  const length = method === "POST" ? "content-length: 0\r\n" : "";
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nhost: bench\r\napi-key: ${key}\r\n${length}\r\n`,
  );
}

/** Repeats the same requests in turn, each connection beginning elsewhere. */
export const inTurn =
  (requests: Buffer[], expect: readonly number[] = [200]): Script =>
  (connection) => {
    const exchanges = requests.map((request) => ({ request, expect }));
    let next = connection;
    return {
      next: () => ({ done: false, value: exchanges[next++ % exchanges.length] as Exchange }),
    };
  };

/** Keeps `connections` busy for `seconds`, or until every script has ended.
 * @throws Error at an unexpected status, or when the server closes a connection. */
export async function load(
  url: string,
  connections: number,
  seconds: number,
  script: Script,
): Promise<LoadResult> {
  const { hostname, port } = new URL(url);
  const clients = Array.from(
    { length: connections },
    (_, i) => new Client(hostname, Number(port), script(i)),
  );
  try {
    await Promise.all(clients.map((client) => client.connected));
    const startedAt = performance.now();
    const timer = setTimeout(() => {
      for (const client of clients) client.finish();
    }, seconds * 1000);
    await Promise.all(clients.map((client) => client.run())).finally(() => clearTimeout(timer));
    const took = (performance.now() - startedAt) / 1000;
    const requests = clients.reduce((sum, client) => sum + client.answered, 0);
    return { requests, seconds: took, perSecond: requests / took };
  } finally {
    for (const client of clients) client.close();
  }
}

class Client {
  readonly connected: Promise<void>;
  answered = 0;
  readonly #socket: Socket;
  readonly #script: Iterator<Exchange, undefined>;
  #expect: readonly number[] = [];
  /** Bytes of the answer that are still to come; 0 while a head is awaited. */
  #missing = 0;
  /** The beginning of a head that arrived in pieces. */
  #head: Buffer | undefined;
  #finishing = false;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(host: string, port: number, script: Iterator<Exchange, undefined>) {
    this.#script = script;
    const onread = {
      // One buffer for all reads of the socket: nothing is copied and nothing is left to collect.
      buffer: READ_BUFFER,
      callback: (size: number, buffer: Uint8Array): boolean => {
        this.#receive(buffer as Buffer, size);
        return true;
      },
    };
    this.#socket = connect({ host, port, noDelay: true, onread });
    this.connected = new Promise((resolve, reject) => {
      this.#socket.once("connect", resolve);
      this.#socket.once("error", reject);
    });
  }

  /** Resolves at the end of the script, or with the last answer after `finish`. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.on("error", reject);
      this.#socket.once("close", () => reject(new Error("the server closed a connection")));
      this.#send();
    });
  }

  finish(): void {
    this.#finishing = true;
  }

  close(): void {
    this.#reject = () => undefined;
    this.#socket.destroy();
  }

  #send(): void {
    const next = this.#finishing ? undefined : this.#script.next().value;
    if (!next) {
      this.#resolve();
      return;
    }
    this.#expect = next.expect;
    this.#socket.write(next.request);
  }

  #receive(buffer: Buffer, size: number): void {
    if (this.#missing === 0) {
      let chunk = buffer.subarray(0, size);
      if (this.#head) chunk = Buffer.concat([this.#head, chunk]);
      const end = chunk.indexOf(HEADER_END);
      if (end < 0) {
        this.#head = Buffer.from(chunk);
        return;
      }
      this.#head = undefined;
      this.#missing = end + HEADER_END.length + this.#lengthOf(chunk, end) - chunk.length;
    } else {
      this.#missing -= size;
    }
    if (this.#missing > 0) return;
    this.answered += 1;
    this.#send();
  }

  /** The length of the body, as the head says it. */
  #lengthOf(chunk: Buffer, end: number): number {
    const status = (chunk[9] as number) * 100 + (chunk[10] as number) * 10 + (chunk[11] as number);
    if (!this.#expect.includes(status - 48 * 111)) {
      this.#reject(new Error(`unexpected answer: ${chunk.toString("latin1", 0, 500)}`));
    }
    const head = chunk.toString("latin1", 0, end);
    const at = head.search(/content-length:/i);
    return at < 0 ? 0 : Number.parseInt(head.slice(at + 15), 10);
  }
}
