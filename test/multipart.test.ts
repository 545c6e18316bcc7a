import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  chunk,
  FORM_TYPE,
  form,
  head,
  IDLE_MS,
  MAX_BYTES,
  RawClient,
  startUploadServer,
  type UploadServer,
} from "./upload-server.ts";

const picture = { name: "file", content: "the bytes", filename: "cat.jpg" };

describe("multipart upload", () => {
  let dir = "";
  let path = "";
  let server: UploadServer;
  let client: RawClient;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "multipart-"));
    path = join(dir, "upload.part");
    server = await startUploadServer(() => path);
    client = new RawClient(server.port);
  });
  afterEach(async () => {
    client.socket.destroy();
    server.close();
    await rm(dir, { recursive: true });
  });

  async function upload(body: Buffer, type = FORM_TYPE): Promise<unknown> {
    client.send(head(body.length, type), body);
    return JSON.parse(await client.answer());
  }

  async function assertNothingLeft(): Promise<void> {
    assert.deepEqual(await readdir(dir), []);
    assert.deepEqual(await openFilesBelow(dir), []);
  }

  it("writes the file and tells its size and name", async () => {
    const answer = await upload(form(picture));
    assert.deepEqual(answer, { outcome: "ok", bytes: 9, filename: "cat.jpg" });
    assert.equal(await readFile(path, "utf8"), "the bytes");
    assert.deepEqual(await openFilesBelow(dir), []);
  });

  it("takes a chunked body, and another request on the same connection", async () => {
    client.send(head(), chunk(form(picture)), chunk(Buffer.alloc(0)));
    assert.match(await client.answer(), /"ok"/);
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    assert.equal(await client.answer(), "hello");
  });

  it("takes a file of exactly the limit and refuses one byte more", async () => {
    const content = Buffer.alloc(MAX_BYTES, 7);
    const answer = await upload(form({ ...picture, content }));
    assert.deepEqual(answer, { outcome: "ok", bytes: MAX_BYTES, filename: "cat.jpg" });
    await rm(path);
    const more = form({ ...picture, content: Buffer.alloc(MAX_BYTES + 1) });
    assert.deepEqual(await upload(more), { outcome: "too-large" });
    await assertNothingLeft();
  });

  it("refuses an announced size before the body comes", async () => {
    client.send(head(MAX_BYTES * 10));
    assert.match(await client.answer(), /"too-large"/);
    await assertNothingLeft();
  });

  it("refuses a chunked file that grows too large while it is still coming", async () => {
    const start = form({ ...picture, content: Buffer.alloc(MAX_BYTES + 10_000) });
    client.send(head(), chunk(start.subarray(0, MAX_BYTES + 5_000)));
    assert.match(await client.answer(), /"too-large"/);
    await assertNothingLeft();
  });

  it("bounds what comes around the file too", async () => {
    client.send(head(), chunk(Buffer.alloc(MAX_BYTES + 70_000, "x")));
    assert.match(await client.answer(), /"too-large"/);
    const fields = Array.from({ length: 200 }, () => ({ name: "a", content: "" }));
    const second = new RawClient(server.port);
    const body = form(...fields, picture);
    second.send(head(body.length), body);
    assert.match(await second.answer(), /"malformed"/);
    second.socket.destroy();
    await assertNothingLeft();
  });

  it("serves the connection on after a refusal, when the rest has come", async () => {
    const body = form({ ...picture, content: Buffer.alloc(MAX_BYTES + 20_000) });
    client.send(head(body.length), body.subarray(0, -5));
    assert.match(await client.answer(), /"too-large"/);
    client.send(body.subarray(-5), "GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    assert.equal(await client.answer(), "hello");
  });

  const unusable: [string, Buffer, string, string?][] = [
    ["a form without the file", form({ name: "other", content: "x" }), "missing"],
    ["a text in the file's field", form({ name: "file", content: "x" }), "missing"],
    [
      "a form whose file was not chosen",
      form({ ...picture, content: "", filename: "" }),
      "missing",
    ],
    ["an empty body", Buffer.alloc(0), "malformed"],
    ["a body without boundaries", Buffer.from("hello"), "malformed"],
    ["a form that breaks off in the file", form(picture).subarray(0, -8), "malformed"],
    ["a form that breaks off in a head", form(picture).subarray(0, 40), "malformed"],
    ["a bad head", Buffer.from(form(picture).toString().replace("Content-T", "@\0")), "malformed"],
    ["another type", form(picture), "malformed", "application/x-www-form-urlencoded"],
    ["a type without a boundary", form(picture), "malformed", "multipart/form-data"],
    ["an endless boundary", form(picture), "malformed", `${FORM_TYPE}${"x".repeat(300)}`],
  ];
  for (const [what, body, outcome, type] of unusable) {
    it(`refuses ${what} and leaves nothing`, async () => {
      assert.deepEqual(await upload(body, type), { outcome });
      await assertNothingLeft();
    });
  }

  it("takes an empty file as a file, for its reader to refuse", async () => {
    assert.match(JSON.stringify(await upload(form({ ...picture, content: "" }))), /"bytes":0/);
  });

  it("leaves nothing when the client goes in the middle", async () => {
    const body = form({ ...picture, content: randomBytes(1_000_000) });
    client.send(head(body.length), body.subarray(0, 600_000));
    await new Promise((wake) => setTimeout(wake, 50));
    assert.deepEqual(await readdir(dir), ["upload.part"]);
    client.socket.resetAndDestroy();
    assert.deepEqual(await server.settled(1), ["aborted"]);
    await assertNothingLeft();
  });

  it("lets an unwanted upload go at once, and serves the connection on", async () => {
    server.unwanted = true;
    const body = form({ ...picture, content: Buffer.alloc(MAX_BYTES) });
    client.send(head(body.length), body.subarray(0, -5));
    assert.match(await client.answer(), /"aborted"/);
    await assertNothingLeft();
    client.send(body.subarray(-5), "GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    assert.equal(await client.answer(), "hello");
  });

  it("survives a request pipelined behind an upload, whichever of the two is answered", async () => {
    client.send(head(form(picture).length), form(picture), "GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    // uWebSockets.js closes a connection whose next request comes before the answer.
    const [outcome] = await server.settled(1);
    assert.ok(outcome === "ok" || outcome === "aborted", outcome);
    if (outcome === "aborted") await assertNothingLeft();
    await rm(path, { force: true });
    client = new RawClient(server.port);
    assert.match(JSON.stringify(await upload(form(picture))), /"ok"/);
  });

  it("gives up a body that stands still, but not one that is slow", async () => {
    const body = form(picture);
    client.send(head(body.length));
    for (let at = 0; at < body.length; at += 40) {
      client.send(body.subarray(at, at + 40));
      await new Promise((wake) => setTimeout(wake, IDLE_MS / 3));
    }
    assert.match(await client.answer(), /"ok"/);
    await rm(path);
    client.send(head(body.length), body.subarray(0, 120));
    assert.match(await client.answer(), /"stalled"/);
    await assertNothingLeft();
  });

  it("holds the client back when the disk is behind, and loses nothing", async () => {
    const content = randomBytes(MAX_BYTES);
    const answer = await upload(form({ ...picture, content }));
    assert.deepEqual(answer, { outcome: "ok", bytes: MAX_BYTES, filename: "cat.jpg" });
    assert.ok(content.equals(await readFile(path)));
    assert.ok(server.pauses > 0);
    assert.equal(server.resumes, server.pauses);
  });

  it("passes the disk's error on when the file cannot be written", async () => {
    path = join(dir, "no-such-folder", "upload.part");
    for (const content of ["small", Buffer.alloc(MAX_BYTES)]) {
      assert.deepEqual(await upload(form({ ...picture, content })), { outcome: "ENOENT" });
    }
    await assertNothingLeft();
  });
});

/** Open files of this process below a directory; told by Linux only. */
async function openFilesBelow(dir: string): Promise<string[]> {
  const descriptors = await readdir("/proc/self/fd").catch(() => []);
  const targets = descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ""));
  return (await Promise.all(targets)).filter((file) => file.startsWith(dir));
}
