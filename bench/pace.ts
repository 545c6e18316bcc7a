/** An open loop: acts at a fixed rate, whether or not what it began before has ended, so that a slow
 * server is not given more time. */
import { setTimeout as sleep } from "node:timers/promises";

export async function pace(perSecond: number, seconds: number, act: () => void): Promise<void> {
  const startedAt = performance.now();
  for (let i = 0; i < perSecond * seconds; i++) {
    const wait = startedAt + (i * 1000) / perSecond - performance.now();
    if (wait > 0) await sleep(wait);
    act();
  }
}
