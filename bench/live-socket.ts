/**
 * A client of Socket.IO that costs next to nothing, so that a thousand fit beside the server that
 * they measure: one WebSocket on `node:net`, one read buffer for all of them, and no parsing beyond
 * the frames' lengths and the first bytes of a packet.
 * Protocols: RFC 6455; engine.io 4 and socket.io 5 (https://socket.io/docs/v4/engine-io-protocol/).
 */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** A packet's text, as bytes `start` to `end` of a buffer that is used again afterwards. */
export type OnEvent = (bytes: Buffer, start: number, end: number) => void;

const HEADER_END = Buffer.from("\r\n\r\n");
const READ_BUFFER = Buffer.allocUnsafe(64 * 1024);
const PATH = "/socket.io/?EIO=4&transport=websocket";

/** First characters of engine.io's packets, the second of socket.io's within its messages. */
const OPEN = "0".charCodeAt(0);
const PING = "2".charCodeAt(0);
const MESSAGE = "4".charCodeAt(0);
const CONNECT = "0".charCodeAt(0);
const EVENT = "2".charCodeAt(0);
const CONNECT_ERROR = "4".charCodeAt(0);

export class LiveSocket {
  /** Resolves when the server has let it in; rejects when it is refused. */
  readonly connected: Promise<void>;
  readonly #socket: Socket;
  readonly #auth: object;
  readonly #onEvent: OnEvent;
  #upgraded = false;
  /** The beginning of what arrived in pieces. */
  #rest: Buffer | undefined;
  #admitted: () => void = () => undefined;
  #refused: (error: Error) => void = () => undefined;

  /** @param onEnd the connection is over, or was refused. */
  constructor(url: string, auth: object, onEvent: OnEvent, onEnd: (error: Error) => void) {
    const { hostname, port, host } = new URL(url);
    this.#auth = auth;
    this.#onEvent = onEvent;
    const onread = {
      buffer: READ_BUFFER,
      callback: (size: number, buffer: Uint8Array): boolean => {
        this.#receive((buffer as Buffer).subarray(0, size));
        return true;
      },
    };
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true, onread });
    const key = randomBytes(16).toString("base64");
    this.#socket.write(
      `GET ${PATH} HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
        `sec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
    );
    this.connected = new Promise((resolve, reject) => {
      this.#admitted = resolve;
      this.#refused = (error) => {
        reject(error);
        onEnd(error);
      };
    });
    this.#socket.once("error", this.#refused);
    this.#socket.once("close", () => this.#refused(new Error("the server closed a live socket")));
  }

  #receive(arrived: Buffer): void {
    let bytes = this.#rest ? Buffer.concat([this.#rest, arrived]) : arrived;
    this.#rest = undefined;
    if (!this.#upgraded) {
      const end = bytes.indexOf(HEADER_END);
      if (end >= 0) {
        if (!bytes.toString("latin1", 0, end).startsWith("HTTP/1.1 101")) {
          this.#refused(new Error(`no WebSocket: ${bytes.toString("latin1", 0, end)}`));
        }
        this.#upgraded = true;
        bytes = bytes.subarray(end + HEADER_END.length);
      }
    }
    const taken = this.#upgraded ? this.#takeFrames(bytes) : 0;
    if (taken < bytes.length) this.#rest = Buffer.from(bytes.subarray(taken));
  }

  /** @returns how many bytes were whole frames. A server's frames are not masked, and ours are
   * short texts. */
  #takeFrames(bytes: Buffer): number {
    let at = 0;
    while (at + 4 <= bytes.length) {
      const length = (bytes[at + 1] as number) & 0x7f;
      const start = at + (length === 126 ? 4 : 2);
      const end = start + (length === 126 ? bytes.readUInt16BE(at + 2) : length);
      if (end > bytes.length) break;
      this.#take(bytes, start, end);
      at = end;
    }
    return at;
  }

  #take(bytes: Buffer, start: number, end: number): void {
    const type = bytes[start];
    if (type === PING) this.#send("3");
    else if (type === OPEN) this.#send(`40${JSON.stringify(this.#auth)}`);
    else if (type === MESSAGE && bytes[start + 1] === EVENT) this.#onEvent(bytes, start, end);
    else if (type === MESSAGE && bytes[start + 1] === CONNECT) this.#admitted();
    else if (type === MESSAGE && bytes[start + 1] === CONNECT_ERROR) {
      this.#refused(new Error(`refused: ${bytes.toString("utf8", start, end)}`));
    }
  }

  /** A client's frame is masked; a mask of zeros leaves the text as it is. */
  #send(text: string): void {
    const payload = Buffer.from(text);
    if (payload.length > 125) throw new RangeError("no short text");
    const head = [0x81, 0x80 | payload.length, 0, 0, 0, 0];
    this.#socket.write(Buffer.concat([Buffer.from(head), payload]));
  }
}
