/** Runs a piece of work that Ctrl-C stops in order: it cleans up after itself and then ends. */
import { BackupProblem } from "./infra/backup/manifest.ts";
import { onStopSignals } from "./infra/embedded/stop-signals.ts";

/** @param work is stopped by its signal, whose reason it throws. */
export async function stoppable(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  onStopSignals(() => controller.abort());
  try {
    await work(signal);
  } catch (error) {
    throw signal.aborted ? new BackupProblem("Stopped: nothing has changed.") : error;
  } finally {
    // The channel to whoever started this is all that still holds the process.
    if (process.connected) process.disconnect();
  }
}
