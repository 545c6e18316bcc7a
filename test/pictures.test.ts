import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import {
  inspectPicture,
  makeVariants,
  neutralPicture,
  PictureRejected,
} from "../src/infra/pictures.ts";
import { animation, blackPng, plain } from "./sample-pictures.ts";

const limits = { maxPixels: 50_000_000 };

describe("pictures", () => {
  let dir = "";
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "pictures-"));
  });
  afterEach(() => rm(dir, { recursive: true }));

  /** Writes a picture without an extension: nothing may go by the name. */
  async function saved(picture: Sharp | Buffer | string): Promise<string> {
    const path = join(dir, "upload");
    await writeFile(path, picture instanceof sharp ? await picture.toBuffer() : picture);
    return path;
  }

  async function rejection(picture: Sharp | Buffer | string): Promise<string> {
    const error = await inspectPicture(await saved(picture), limits).catch((reason) => reason);
    assert.ok(error instanceof PictureRejected, String(error));
    return error.message;
  }

  describe("inspectPicture", () => {
    const pictures: [string, () => Sharp | Buffer][] = [
      ["jpeg", () => plain(60, 40).jpeg()],
      ["png", () => plain(60, 40).png()],
      ["webp", () => plain(60, 40).webp()],
      ["gif", () => plain(60, 40).gif()],
      ["avif", () => plain(60, 40).avif()],
      ["tiff", () => plain(60, 40).tiff()],
    ];
    for (const [format, make] of pictures) {
      it(`takes ${format} by its bytes`, async () => {
        const info = await inspectPicture(await saved(make()), limits);
        assert.deepEqual(info, { format, width: 60, height: 40 });
      });
    }

    it("gives the sides as seen, after the EXIF orientation", async () => {
      const turned = await saved(plain(60, 40).withMetadata({ orientation: 6 }).jpeg());
      const { width, height } = await inspectPicture(turned, limits);
      assert.deepEqual([width, height], [40, 60]);
    });

    it("names the formats and the limit when the file is no picture", async () => {
      const message = "The file is not a picture of a known format.";
      const taken =
        "Taken are JPEG, PNG, WebP, GIF, AVIF, and TIFF pictures of at most 50,000,000 pixels.";
      assert.equal(await rejection("text that calls itself picture.png"), `${message} ${taken}`);
    });

    it("refuses SVG, an empty file, and a header that breaks off", async () => {
      const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
      assert.match(await rejection(svg), /not a picture of a known format/);
      assert.match(await rejection(""), /is empty/);
      const jpeg = await plain(60, 40).jpeg().toBuffer();
      assert.match(await rejection(jpeg.subarray(0, 30)), /is damaged/);
    });

    it("refuses a small file of 900 million pixels without decoding it", async () => {
      const bomb = blackPng(30_000, 30_000);
      assert.ok(bomb.length < 200_000);
      const started = performance.now();
      assert.match(await rejection(bomb), /too large: 30000 × 30000 pixels/);
      assert.ok(performance.now() - started < 500);
    });

    it("counts the frames of an animation together", async () => {
      const file = await saved(animation(100, 100, 10));
      await inspectPicture(file, { maxPixels: 100_000 });
      await assert.rejects(inspectPicture(file, { maxPixels: 99_999 }), /100 pixels in 10 frames/);
    });

    it("tells a missing file from a bad one", async () => {
      await assert.rejects(inspectPicture(join(dir, "none"), limits), { code: "ENOENT" });
      await assert.rejects(makeVariants(join(dir, "none"), dir), { code: "ENOENT" });
    });
  });

  it("has a small neutral picture that decodes", async () => {
    const { format, width, height } = await sharp(neutralPicture).metadata();
    assert.deepEqual([format, width, height], ["webp", 320, 240]);
    assert.ok(neutralPicture.length < 500);
  });
});
