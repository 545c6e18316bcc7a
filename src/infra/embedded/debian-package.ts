/** Installs a package of Debian or Ubuntu where that is a matter of course, and finds programs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** On many systems servers are installed where an ordinary user's PATH does not look. */
const MORE_PLACES = ["/usr/bin", "/usr/local/bin", "/usr/sbin", "/opt/homebrew/bin"];

/** Every executable file of one of these names, in the order of the PATH and of the places beyond. */
export function programsNamed(names: readonly string[]): string[] {
  const places = [...(process.env.PATH ?? "").split(delimiter), ...MORE_PLACES].filter(Boolean);
  const paths = names.flatMap((name) => places.map((dir) => join(dir, name)));
  return [...new Set(paths)].filter(isExecutable);
}

/** Answers whether the package is there now: false where there is no apt-get, or no right to use it
 * (we are neither root, nor does sudo let us without a password).
 * @throws Error with apt's own words when it fails. */
export async function installDebianPackage(
  name: string,
  log: (line: string) => void,
): Promise<boolean> {
  if (!existsSync("/usr/bin/apt-get")) return false;
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (asRoot.length > 0 && (await runProgram("sudo", ["-n", "true"])).code !== 0) return false;
  log(`There is no ${name}: installing Debian's package (apt-get install ${name}) …`);
  const [program = "env", ...rest] = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive"];
  const apt = (...args: string[]) => runProgram(program, [...rest, "apt-get", "-q", "-y", ...args]);
  const install = () => apt("install", "--no-install-recommends", name);
  // A new machine has no package lists yet, an old one stale ones.
  let result = await install();
  if (result.code !== 0) {
    await apt("update");
    result = await install();
  }
  if (result.code === 0) return true;
  throw new Error(`apt-get install ${name} failed:\n${result.output.trim()}`);
}

/** Runs a program to its end. One that cannot be started counts as failed. */
export async function runProgram(
  command: string,
  args: string[],
): Promise<{ code: number; output: string }> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  try {
    const [code] = await once(child, "close");
    return { code: code ?? 1, output };
  } catch (error) {
    return { code: 127, output: (error as Error).message };
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
