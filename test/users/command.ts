/** `npm run users`, as a process on the database of a test's service. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Service } from "../service.ts";

const run = promisify(execFile);

export type UsersCommand = (...args: string[]) => Promise<{ stdout: string; stderr: string }>;

export const usersCommand =
  (service: Service, settings: NodeJS.ProcessEnv = {}): UsersCommand =>
  (...args) =>
    run(process.execPath, ["src/users.ts", ...args], {
      env: { ...process.env, ...service.environment, ...settings },
      maxBuffer: 100 * 1024 ** 2,
    });

/** Holds that the command fails with exit code 1, in words and without a stack trace.
 * @returns the words. */
export async function failure(command: Promise<unknown>): Promise<string> {
  const error = (await command.then(
    () => assert.fail("the command did not fail"),
    (reason) => reason,
  )) as { code: number; stderr: string };
  assert.equal(error.code, 1, error.stderr);
  assert.doesNotMatch(error.stderr, /\n {4}at /, "a stack trace");
  return error.stderr.trim();
}
