import assert from "node:assert/strict";
import { access, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileStore, newToken } from "../src/infra/file-store.ts";

const DAY = 24 * 3600 * 1000;

describe("FileStore", () => {
  let dir = "";
  let store: FileStore;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "file-store-"));
    store = new FileStore(join(dir, "data"));
    await store.prepare();
  });
  afterEach(() => rm(dir, { recursive: true }));

  async function uploaded(text = "picture"): Promise<string> {
    const path = store.createUpload();
    await writeFile(path, text);
    return path;
  }

  async function original(age = 0): Promise<{ token: string; path: string }> {
    const token = newToken();
    await store.keepOriginal(await uploaded(), token);
    const path = defined(store.originalPath(token));
    await grow(path, age);
    return { token, path };
  }

  async function variants(age = 0): Promise<{ token: string; path: string }> {
    const token = newToken();
    const path = defined(store.variantsDir(token));
    await mkdir(path, { recursive: true });
    await writeFile(defined(store.variantPath(token, "320.webp")), "small");
    await grow(path, age);
    return { token, path };
  }

  it("gives every picture a token of its own that cannot be guessed", () => {
    const tokens = new Set(Array.from({ length: 1000 }, newToken));
    assert.equal(tokens.size, 1000);
    for (const token of tokens) assert.match(token, /^[A-Za-z0-9_-]{22}$/);
  });

  it("can be prepared again over what it holds", async () => {
    const { path } = await original();
    await store.prepare();
    await access(path);
  });

  it("turns an upload into the original of its token", async () => {
    const token = newToken();
    const upload = await uploaded("the bytes");
    await store.keepOriginal(upload, token);
    assert.equal(await readFile(defined(store.originalPath(token)), "utf8"), "the bytes");
    await assert.rejects(access(upload), { code: "ENOENT" });
  });

  it("puts variants below the first two characters of the token", () => {
    const token = "ab-_5678901234567890zz";
    const expected = join(dir, "data", "media", "ab", token, "640.webp");
    assert.equal(store.variantPath(token, "640.webp"), expected);
  });

  it("has no path for what is not a token or not a variant", async () => {
    const token = newToken();
    const wrong = ["", "..", "../../../etc/passwd", `${token}/`, `../${token.slice(3)}`];
    wrong.push(
      token.slice(1),
      `${token}a`,
      `${token}\n`,
      `${token.slice(1)}\0`,
      `${token.slice(1)}.`,
    );
    for (const name of wrong) {
      assert.equal(store.originalPath(name), undefined, name);
      assert.equal(store.variantsDir(name), undefined, name);
      assert.equal(store.variantPath(name, "320.webp"), undefined, name);
      await store.remove(name);
      await assert.rejects(store.keepOriginal("nothing", name), RangeError);
    }
    for (const name of [
      "",
      "..",
      "321.webp",
      "320.webp/",
      "/320.webp",
      "320.webp.tmp",
      "320.WEBP",
    ]) {
      assert.equal(store.variantPath(token, name), undefined, name);
    }
  });

  it("removes a picture whole, and again without complaint", async () => {
    const { token } = await variants();
    await store.keepOriginal(await uploaded(), token);
    const other = await variants();
    await store.remove(token);
    await store.remove(token);
    await assert.rejects(access(defined(store.originalPath(token))), { code: "ENOENT" });
    await assert.rejects(access(defined(store.variantsDir(token))), { code: "ENOENT" });
    await access(other.path);
  });

  it("sweeps abandoned uploads and pictures without a row, and nothing else", async () => {
    const kept = [await original(2 * DAY), await variants(2 * DAY)];
    const young = [(await original()).path, (await variants()).path, await uploaded()];
    const stranger = join(dir, "data", "originals", "README");
    await writeFile(stranger, "not ours");
    const old = [(await original(2 * DAY)).path, (await variants(2 * DAY)).path, await uploaded()];
    for (const path of [stranger, ...old]) await grow(path, 2 * DAY);

    const known = new Set(kept.map(({ token }) => token));
    const result = await store.sweep({ olderThanMs: DAY, isKnown: async () => known });

    assert.deepEqual(result, { uploads: 1, originals: 1, variants: 1 });
    for (const path of [...kept.map((file) => file.path), ...young, stranger]) await access(path);
    for (const path of old) await assert.rejects(access(path), { code: "ENOENT" });
  });

  it("asks about many tokens in batches of at most 500", async () => {
    await Promise.all(Array.from({ length: 1201 }, () => original(2 * DAY)));
    const asked: number[] = [];
    const isKnown = async (tokens: string[]): Promise<Set<string>> => {
      asked.push(tokens.length);
      return new Set(tokens.slice(0, 100));
    };
    const { originals } = await store.sweep({ olderThanMs: DAY, isKnown });
    assert.deepEqual(asked, [500, 500, 201]);
    assert.equal(originals, 901);
    assert.equal((await readdir(join(dir, "data", "originals"))).length, 300);
  });

  it("removes nothing when the database does not answer", async () => {
    const { path } = await original(2 * DAY);
    const isKnown = () => Promise.reject(new Error("away"));
    await assert.rejects(store.sweep({ olderThanMs: DAY, isKnown }), /away/);
    await access(path);
  });
});

/** Makes a file look as if it was last changed that many milliseconds ago. */
async function grow(path: string, age: number): Promise<void> {
  const changed = new Date(Date.now() - age);
  await utimes(path, changed, changed);
}

function defined(path: string | undefined): string {
  assert.ok(path !== undefined);
  return path;
}
