import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { ConfigError, loadConfig } from "../../src/base/config.ts";
import { hashPassword, isPassword } from "../../src/base/password-hash.ts";

/** `npm run admin-password` with something piped in. */
async function command(input: string) {
  const child = spawn(process.execPath, ["src/admin-password.ts"], { stdio: "pipe" });
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr, code: await ended };
}

describe("the operators' password", () => {
  it("is hashed by the command, which prints what the setting takes and nothing else", async () => {
    const { stdout, code } = await command("pässword of operators\nanother line\n");
    assert.equal(code, 0);
    const hash = stdout.trimEnd();
    assert.equal(loadConfig({ ADMIN_PASSWORD_HASH: hash }).admin.passwordHash, hash);
    assert.equal(await isPassword("pässword of operators", hash), true);
    assert.equal(await isPassword("pa\u0308ssword of operators", hash), true, "decomposed");
    assert.equal(await isPassword("password of operators", hash), false);
    assert.doesNotMatch(hash, /[$'"\s]/, "needs quoting in a shell or in Compose");
  });

  it("is refused in words when it is short, or missing", async () => {
    for (const [input, words] of [
      ["short\n", /has 5 characters: take 12 to 1000/],
      ["", /No password was given/],
    ] as const) {
      const { stdout, stderr, code } = await command(input);
      assert.deepEqual([stdout, code], ["", 1]);
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /\n {4}at /);
    }
  });

  it("has another hash each time", async () => {
    assert.notEqual(
      await hashPassword("the same password"),
      await hashPassword("the same password"),
    );
  });

  it("is not shown when it was put where its hash belongs", () => {
    const wrong = { ADMIN_PASSWORD_HASH: "my password in clear", ADMIN_READ_ONLY: "yes" };
    assert.throws(
      () => loadConfig(wrong),
      (error: Error) =>
        error instanceof ConfigError &&
        /ADMIN_PASSWORD_HASH must be what `npm run admin-password` prints$/m.test(error.message) &&
        /ADMIN_READ_ONLY must be true or false \(it is "yes"\)/.test(error.message) &&
        !error.message.includes("clear"),
    );
  });
});
