/** What the machine has left: figures for Prometheus. */
import { statfs } from "node:fs/promises";
import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import {
  gaugeDataDir,
  gaugeMachineCores,
  gaugeMachineLoad,
  gaugeMachineMemory,
} from "../base/metrics/stores.ts";

/** @param dataDir setting `DATA_DIR`; the disk that it is on. */
export function tellOfMachine(dataDir: string): void {
  gaugeMachineLoad(() => loadavg()[0] as number);
  gaugeMachineCores(availableParallelism);
  gaugeMachineMemory(() => ({ total: totalmem(), available: freemem() }));
  gaugeDataDir(async () => {
    const { blocks, bavail, bsize } = await statfs(dataDir);
    return { total: blocks * bsize, available: bavail * bsize };
  });
}
