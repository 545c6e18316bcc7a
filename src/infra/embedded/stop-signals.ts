/** Signals that ask for the end, told apart from their echoes. */

/** On Ctrl-C the terminal signals the whole process group, and npm passes its own on besides: what
 * comes this soon is the same key press. */
const ECHO_MS = 1000;

/** Calls `stop(false)` at the first SIGINT, SIGTERM or SIGHUP, or when the parent that opened an IPC
 * channel is gone; and once `stop(true)` at a later, impatient Ctrl-C. */
export function onStopSignals(stop: (hurry: boolean) => void): void {
  let firstAt: number | undefined;
  let hurried = false;
  const hear = (signal: NodeJS.Signals | "disconnect"): void => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      stop(false);
    } else if (signal === "SIGINT" && !hurried && Date.now() - firstAt >= ECHO_MS) {
      hurried = true;
      stop(true);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => hear(signal));
  }
  if (process.connected) process.once("disconnect", () => hear("disconnect"));
  // The terminal or the reader of a pipe may go first; saying goodbye to nobody is no failure.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}
