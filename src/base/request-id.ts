/** The id by which the log lines of one request find together: in nginx, the API and the workers. */
import { randomUUID } from "node:crypto";

/** What may come from outside: nothing that could break a line, or make it long. */
const WELL_FORMED = /^[\w.:-]{1,64}$/;

/** The id that a proxy has given, if it is well-formed; else a new one.
 * @param header `X-Request-Id`; empty when it was not sent. */
export const requestIdOf = (header: string): string =>
  WELL_FORMED.test(header) ? header : randomUUID();
