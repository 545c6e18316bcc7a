/** `node src/health-check.ts URL`: ends with 0 when the URL answers well, else with 1. For
 * containers, whose image has no other program that could ask. */
const TIMEOUT_MS = 4000;

const [url = ""] = process.argv.slice(2);
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
} catch (error) {
  console.error(`${url}: ${(error as Error).message}`);
  process.exitCode = 1;
}
