/** `npm run conformance -- --url URL --key K1 --key K2`: see README.md here. */
import { Command } from "commander";
import { documents } from "./documents.ts";
import { errors } from "./errors.ts";
import { live } from "./live.ts";
import { original } from "./original.ts";
import { Site, Unusable } from "./site.ts";
import { uploads } from "./uploads.ts";
import { v2 } from "./v2.ts";

const PARTS = [original, errors, uploads, v2, live, documents];

const collect = (value: string, before: string[]): string[] => [...before, value];
const options = new Command("npm run conformance --")
  .description("Checks an installation of Warble from outside against its contract.")
  .requiredOption("--url <url>", "the installation, such as https://warble.example.org")
  .requiredOption("--key <key>", "a person's key; give two, of different people", collect, [])
  .option("--only <text>", "only the checks whose name has this", "")
  .option("--json", "print one JSON line a check")
  .parse()
  .opts<{ url: string; key: string[]; only: string; json?: boolean }>();

let isOver = false;
process.once("SIGINT", () => {
  isOver = true;
  console.error("Stopping after this check …");
});

function report(name: string, error?: Error): void {
  if (options.json) {
    console.log(JSON.stringify({ name, passed: !error, ...(error && { reason: error.message }) }));
    return;
  }
  console.log(`${error ? "FAIL" : "ok  "} ${name}`);
  if (error) console.log(error.message.replaceAll(/^/gm, "       "));
}

async function checkAll(site: Site): Promise<{ passed: number; failed: number }> {
  const counts = { passed: 0, failed: 0 };
  for (const { title, checks } of PARTS) {
    const wanted = checks.filter(({ name }) => name.includes(options.only));
    if (wanted.length > 0 && !options.json) console.log(`\n${title}`);
    for (const { name, run } of wanted) {
      if (isOver) return counts;
      try {
        await run(site);
        counts.passed += 1;
        report(name);
      } catch (error) {
        counts.failed += 1;
        report(name, error as Error);
      } finally {
        await site.leave();
      }
    }
  }
  return counts;
}

try {
  const site = await Site.open(options.url, options.key);
  const { passed, failed } = await checkAll(site);
  if (passed + failed === 0) throw new Unusable(`No check has "${options.only}" in its name.`);
  if (!options.json) console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof Unusable)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
