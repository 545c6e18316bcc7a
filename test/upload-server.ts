import type { HttpResponse, us_listen_socket } from "uWebSockets.js";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type BodySource, receiveUpload } from "../src/http/multipart.ts";
import { UploadError } from "../src/http/upload-errors.ts";
import { uWS } from "../src/http/uws.ts";

export const MAX_BYTES = 4 * 1024 * 1024;
export const IDLE_MS = 300;

/** A real server with nothing but an upload route, which answers the outcome as JSON. */
export interface UploadServer {
  port: number;
  /** How each upload ended: `ok`, the kind of its failure, or the code of another error. */
  outcomes: string[];
  /** Gives every upload up when it is held back for the first time. */
  unwanted: boolean;
  pauses: number;
  resumes: number;
  /** Waits for that many outcomes. */
  settled: (count: number) => Promise<string[]>;
  close: () => void;
}

/** @param pathFor where the next upload is written */
export async function startUploadServer(pathFor: () => string): Promise<UploadServer> {
  const app = uWS.App();
  const server: UploadServer = {
    port: 0,
    outcomes: [],
    unwanted: false,
    pauses: 0,
    resumes: 0,
    settled: async (count) => {
      while (server.outcomes.length < count) await new Promise((wake) => setTimeout(wake, 5));
      return server.outcomes;
    },
    close: () => app.close(),
  };
  app.post("/upload", (res, req) => {
    const announced = req.getHeader("content-length");
    const abortion = watchAbort(res);
    const unwanted = new AbortController();
    const options = {
      ...abortion,
      maxBytes: MAX_BYTES,
      field: "file",
      path: pathFor(),
      idleTimeoutMs: IDLE_MS,
      signal: unwanted.signal,
    };
    const length = announced === "" ? undefined : Number(announced);
    receiveUpload(
      counted(res, server, unwanted),
      req.getHeader("content-type"),
      length,
      options,
    ).then(
      (upload) => answer(res, server, abortion.aborted(), "ok", upload),
      (error) => answer(res, server, abortion.aborted(), outcomeOf(error), {}),
    );
  });
  app.get("/", (res) => void res.end("hello"));
  const listening = await new Promise<us_listen_socket | false>((resolve) => {
    app.listen("127.0.0.1", 0, resolve);
  });
  if (listening === false) throw new Error("cannot listen");
  server.port = uWS.us_socket_local_port(listening);
  return server;
}

function watchAbort(res: HttpResponse) {
  const listeners: (() => void)[] = [];
  let gone = false;
  res.onAborted(() => {
    gone = true;
    for (const listener of listeners) listener();
  });
  return {
    aborted: () => gone,
    onAborted: (listener: () => void): void => void listeners.push(listener),
  };
}

function counted(res: HttpResponse, server: UploadServer, unwanted: AbortController): BodySource {
  return {
    onData: (handler) => res.onData(handler),
    pause: () => {
      server.pauses += 1;
      res.pause();
      if (server.unwanted) unwanted.abort();
    },
    resume: () => {
      server.resumes += 1;
      res.resume();
    },
  };
}

function answer(
  res: HttpResponse,
  server: UploadServer,
  gone: boolean,
  outcome: string,
  body: object,
): void {
  server.outcomes.push(outcome);
  if (!gone) res.cork(() => void res.end(JSON.stringify({ outcome, ...body })));
}

function outcomeOf(error: Error & { code?: string }): string {
  return error instanceof UploadError ? error.kind : (error.code ?? error.message);
}

/** A client that sends exactly the bytes it is told to. */
export class RawClient {
  readonly socket: Socket;
  #received = "";

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("data", (data) => {
      this.#received += data.toString("latin1");
    });
    this.socket.on("error", () => undefined);
  }

  send(...pieces: (string | Buffer)[]): void {
    for (const piece of pieces) this.socket.write(piece);
  }

  /** The body of the next answer. */
  async answer(): Promise<string> {
    for (;;) {
      const match = /\r\ncontent-length: (\d+)\r\n\r\n/i.exec(this.#received);
      const end = match === null ? Infinity : match.index + match[0].length + Number(match[1]);
      if (match !== null && this.#received.length >= end) {
        const body = this.#received.slice(match.index + match[0].length, end);
        this.#received = this.#received.slice(end);
        return Buffer.from(body, "latin1").toString();
      }
      if (this.socket.destroyed) throw new Error(`closed after ${this.#received}`);
      await Promise.race([once(this.socket, "data"), once(this.socket, "close")]);
    }
  }
}

const BOUNDARY = "----boundary7MA4YWxk";
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** The head of an upload; without `length` its body is chunked. */
export function head(length?: number, type = FORM_TYPE): string {
  const framing = length === undefined ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`;
  return `POST /upload HTTP/1.1\r\nHost: test\r\nContent-Type: ${type}\r\n${framing}\r\n\r\n`;
}

export interface Part {
  name: string;
  content: Buffer | string;
  filename?: string;
}

export function form(...parts: Part[]): Buffer {
  const pieces = parts.flatMap(({ name, content, filename }) => [
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`,
    filename === undefined ? "" : `; filename="${filename}"\r\nContent-Type: image/jpeg`,
    "\r\n\r\n",
    content,
    "\r\n",
  ]);
  return Buffer.concat([...pieces, `--${BOUNDARY}--\r\n`].map((piece) => Buffer.from(piece)));
}

/** One HTTP chunk. */
export function chunk(data: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from("\r\n")]);
}
