/** Mocha's `spec` reporter that also writes the counts to a file, for the last line of `npm test`. */
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

export type Counts = { passed: number; failed: number; skipped: number };

export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env.TEST_COUNTS_FILE;
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      const counts: Counts = { passed: passes, failed: failures, skipped: pending };
      if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
    });
  }
}
