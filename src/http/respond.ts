/** One wrapper around uWebSockets.js' response: corks, keeps the order status → headers → body,
 * goes silent when the client has gone, and tells how long it all took. */
import type { HttpResponse } from "uWebSockets.js";
import type { RequestTimes } from "../base/metrics/requests.ts";
import { Problem, STATUS_OF } from "../contract/errors.ts";
import { requests } from "./requests.ts";

/** uWebSockets.js wants the whole status line; the names are those of RFC 9110. */
const STATUS_LINES: Record<number, string> = {
  200: "200 OK",
  201: "201 Created",
  304: "304 Not Modified",
  400: "400 Bad Request",
  401: "401 Unauthorized",
  403: "403 Forbidden",
  404: "404 Not Found",
  405: "405 Method Not Allowed",
  408: "408 Request Timeout",
  413: "413 Content Too Large",
  415: "415 Unsupported Media Type",
  422: "422 Unprocessable Content",
  429: "429 Too Many Requests",
  500: "500 Internal Server Error",
  503: "503 Service Unavailable",
};

const JSON_TYPE = "application/json; charset=utf-8";

export class Responder {
  readonly #res: HttpResponse;
  readonly #times: RequestTimes;
  readonly #arrivedAt = performance.now();
  readonly #onAborted: (() => void)[] = [];
  #over = false;
  #isCounted = false;

  /** To be made when the request arrives. */
  constructor(res: HttpResponse, times: RequestTimes) {
    this.#res = res;
    this.#times = times;
  }

  /** Must be called before the handler returns to uWebSockets.js, if it has not answered by then. */
  watch(): void {
    requests.begin();
    this.#isCounted = true;
    this.#res.onAborted(() => {
      if (!this.#over) this.#times.abandoned(this.#elapsedS());
      this.#end();
      for (const listener of this.#onAborted) listener();
    });
  }

  onAborted(listener: () => void): void {
    this.#onAborted.push(listener);
  }

  /** The request body; what arrives after the answer is dropped by uWebSockets.js. */
  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): void {
    this.#res.onData(handler);
  }

  /** An answered or aborted response must not be touched any more: then these do nothing. */
  pause(): void {
    if (!this.#over) this.#res.pause();
  }

  resume(): void {
    if (!this.#over) this.#res.resume();
  }

  /** Answers, unless the client has gone or was answered. HEAD (`withBody` false) gets the length
   * only. */
  send(
    status: number,
    body: string | Buffer,
    headers: Readonly<Record<string, string>>,
    withBody = true,
  ): void {
    if (this.#over) return;
    this.#end();
    this.#res.cork(() => {
      this.#res.writeStatus(STATUS_LINES[status] ?? String(status));
      for (const name in headers) this.#res.writeHeader(name, headers[name] as string);
      // uWebSockets.js then adds `connection: close`.
      const last = requests.isLeaving;
      if (withBody && status !== 304) this.#res.end(body, last);
      else this.#res.endWithoutBody(status === 304 ? undefined : Buffer.byteLength(body), last);
    });
    this.#times.answered(status, this.#elapsedS());
  }

  #elapsedS(): number {
    return (performance.now() - this.#arrivedAt) / 1000;
  }

  #end(): void {
    this.#over = true;
    if (this.#isCounted) requests.end();
    this.#isCounted = false;
  }

  json(
    status: number,
    body: object | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    const text = Buffer.isBuffer(body) ? body : JSON.stringify(body);
    this.send(status, text, { "content-type": JSON_TYPE, ...headers });
  }

  /** The contract's error form. Anything but a `Problem` is a bug: 500, without its internals. */
  problem(error: unknown, headers: Readonly<Record<string, string>> = {}): void {
    const problem =
      error instanceof Problem
        ? error
        : new Problem("InternalError", "Something went wrong on our side. Try again later.");
    this.json(
      STATUS_OF[problem.type],
      { result: false, error_type: problem.type, error_message: problem.message },
      { ...problem.headers, ...headers },
    );
  }
}
