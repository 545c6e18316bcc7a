/** `npm run backup` and `npm run restore`, as processes on a test's service. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import type { Service } from "../service.ts";

const run = promisify(execFile);

type Ran = Promise<{ stdout: string; stderr: string }>;

const environmentOf = (service: Service, settings: NodeJS.ProcessEnv) => ({
  ...process.env,
  ...service.environment,
  ...settings,
});

export const backup = (service: Service, args: string[], settings: NodeJS.ProcessEnv = {}): Ran =>
  run(process.execPath, ["src/backup.ts", ...args], { env: environmentOf(service, settings) });

export const restore = (service: Service, args: string[], settings: NodeJS.ProcessEnv = {}): Ran =>
  run(process.execPath, ["src/restore.ts", ...args], { env: environmentOf(service, settings) });

/** Starts the program and sends it Ctrl-C's signal as soon as it has said `word`.
 * @returns its exit code and all that it said. */
export async function interrupted(
  program: "src/backup.ts" | "src/restore.ts",
  service: Service,
  args: string[],
  word: string,
): Promise<{ code: number | null; output: string }> {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], {
    env: environmentOf(service, {}),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
      if (output.includes(word) && !child.killed) child.kill("SIGINT");
    });
  }
  const [code] = await once(child, "close");
  return { code, output };
}
