/** `npm run admin-password`: asks for the operators' password without showing it, or takes the first
 * line of what is piped in, and prints what belongs into `ADMIN_PASSWORD_HASH`. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { hashPassword, MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from "./base/password-hash.ts";

const NOWHERE = new Writable({ write: (_chunk, _encoding, done) => done() });

class Refused extends Error {}

/** Reads one line. Questions go to stderr, so that the hash is all that stdout has. */
async function readLine(question: string): Promise<string> {
  const { stdin, stderr } = process;
  const terminal = stdin.isTTY === true;
  if (terminal) stderr.write(question);
  const lines = createInterface({ input: stdin, output: NOWHERE, terminal });
  try {
    return await new Promise((resolve, reject) => {
      lines.once("line", resolve);
      lines.once("close", () => reject(new Refused("No password was given.")));
    });
  } finally {
    lines.close();
    if (terminal) stderr.write("\n");
  }
}

async function readPassword(): Promise<string> {
  const password = await readLine("Password of the operators: ");
  const { length } = [...password];
  if (length < MIN_PASSWORD_LENGTH || length > MAX_PASSWORD_LENGTH) {
    throw new Refused(
      `The password has ${length} characters: take ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH}.`,
    );
  }
  if (process.stdin.isTTY && (await readLine("Once more: ")) !== password) {
    throw new Refused("The two are not the same.");
  }
  return password;
}

try {
  console.log(await hashPassword(await readPassword()));
} catch (error) {
  console.error(error instanceof Refused ? error.message : error);
  process.exitCode = 1;
}
