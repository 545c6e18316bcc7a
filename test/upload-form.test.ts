import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UploadForm } from "../src/http/upload-form.ts";
import { FORM_TYPE, form } from "./upload-server.ts";

const picture = { name: "file", content: "the bytes", filename: "cat.jpg" };
/** Full of what looks like the end of a part. */
const tricky = Buffer.from("\r\n------boundary7MA4YWx\r\n--\r\n\r\n------bound".repeat(20));

describe("UploadForm", () => {
  let dir = "";
  let path = "";
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "upload-form-"));
    path = join(dir, "upload.part");
  });
  afterEach(() => rm(dir, { recursive: true }));

  function receive(body: Buffer, pieceSize = body.length) {
    const received = new UploadForm(FORM_TYPE, { maxBytes: 100_000, field: "file", path });
    for (let at = 0; at < body.length; at += pieceSize) {
      received.write(body.subarray(at, at + pieceSize));
    }
    received.end();
    return received.received;
  }

  for (const size of [1, 2, 3, 7, 64]) {
    it(`reads a form that comes in pieces of ${size} bytes`, async () => {
      const body = form({ name: "note", content: "\r\n--" }, { ...picture, content: tricky });
      assert.equal((await receive(body, size)).bytes, tricky.length);
      assert.deepEqual(await readFile(path), tricky);
    });
  }

  it("drops other fields and further files", async () => {
    const others = [
      { name: "note", content: "x".repeat(30_000) },
      { name: "other", content: "not this", filename: "a.jpg" },
      picture,
      { name: "file", content: "nor this", filename: "b.jpg" },
    ];
    assert.deepEqual(await receive(form(...others)), { bytes: 9, filename: "cat.jpg" });
    assert.equal(await readFile(path, "utf8"), "the bytes");
    assert.deepEqual(await readdir(dir), ["upload.part"]);
  });

  it("gives no folders and no endless names", async () => {
    const filename = `../../etc/${"ü".repeat(300)}.jpg`;
    const upload = await receive(form({ ...picture, filename }));
    assert.deepEqual(upload, { bytes: 9, filename: "ü".repeat(255) });
  });

  it("never writes over a file that is there", async () => {
    await receive(form(picture));
    await assert.rejects(receive(form({ ...picture, content: "other" })), { code: "EEXIST" });
    assert.equal(await readFile(path, "utf8"), "the bytes");
  });

  it("rejects with the first of several failures", async () => {
    const received = new UploadForm(FORM_TYPE, { maxBytes: 9, field: "file", path });
    received.fail(new Error("first"));
    received.fail(new Error("second"));
    await assert.rejects(received.received, /first/);
  });
});
