/** One call, as the log tells it: by whom, of what, how it ended. Its key, query and body never are. */
import type { Log } from "../base/log.ts";
import { requestIdOf } from "../base/request-id.ts";
import { Problem, statusOf } from "../contract/errors.ts";

export class Call {
  readonly requestId: string;
  /** The caller, when known. */
  userId: number | undefined;
  readonly #log: Log;
  readonly #route: string;
  readonly #level: "info" | "debug";
  readonly #beganAt = performance.now();

  /** @param route method and pattern: a path could hold anything.
   * @param header `X-Request-Id` as it came.
   * @param level of a call that succeeds. */
  constructor(log: Log, route: string, header: string, level: "info" | "debug") {
    this.requestId = requestIdOf(header);
    this.#log = log;
    this.#route = route;
    this.#level = level;
  }

  /** For the answer, so that who calls can name the request. */
  get headers(): { "x-request-id": string } {
    return { "x-request-id": this.requestId };
  }

  succeeded(status: number): void {
    this.#log[this.#level](this.#line(status), "request");
  }

  failed(error: unknown): void {
    const line = this.#line(statusOf(error));
    if (error instanceof Problem)
      this.#log.warn({ ...line, problem: error.type }, "request refused");
    else this.#log.error({ ...line, err: error }, "request failed");
  }

  #line(status: number) {
    const ms = Math.round((performance.now() - this.#beganAt) * 100) / 100;
    return {
      requestId: this.requestId,
      route: this.#route,
      status,
      ms,
      ...(this.userId !== undefined && { user: this.userId }),
    };
  }
}
