import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { inspectPicture, makeVariants, PictureRejected } from "../src/infra/pictures.ts";
import { animation, halves, plain } from "./sample-pictures.ts";

describe("makeVariants", () => {
  let dir = "";
  let out = "";
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "pictures-"));
    out = join(dir, "out");
  });
  afterEach(() => rm(dir, { recursive: true }));

  async function saved(picture: Sharp | Buffer): Promise<string> {
    const path = join(dir, "upload");
    await writeFile(path, Buffer.isBuffer(picture) ? picture : await picture.toBuffer());
    return path;
  }

  async function variantsOf(picture: Sharp | Buffer) {
    return makeVariants(await saved(picture), out);
  }

  const sizes: [number, number, string][] = [
    [2000, 1000, "320.webp 320×160, 640.webp 640×320, 1280.webp 1280×640"],
    [641, 100, "320.webp 320×50, 640.webp 640×100, 1280.webp 641×100"],
    [640, 100, "320.webp 320×50, 1280.webp 640×100"],
    [320, 100, "1280.webp 320×100"],
    [1, 1, "1280.webp 1×1"],
    [5000, 100, "320.webp 320×7, 640.webp 640×13, 1280.webp 1280×26"],
    [100, 5000, "1280.webp 100×5000"],
    [100, 20_000, "1280.webp 26×5120"],
    [12_000, 1, "320.webp 320×1, 640.webp 640×1, 1280.webp 1280×1"],
  ];
  for (const [width, height, expected] of sizes) {
    it(`bounds ${width} × ${height} and never enlarges`, async () => {
      const made = await variantsOf(plain(width, height).png());
      assert.deepEqual([made.width, made.height], [width, height]);
      const told = made.variants.map(({ file, ...size }) => `${file} ${size.width}×${size.height}`);
      assert.equal(told.join(", "), expected);
      for (const { file, bytes, ...size } of made.variants) {
        const written = await readFile(join(out, file));
        const { format, ...found } = await sharp(written).metadata();
        assert.deepEqual([format, written.length], ["webp", bytes]);
        assert.deepEqual([found.width, found.height], [size.width, size.height]);
      }
      assert.equal((await readdir(out)).length, made.variants.length);
    });
  }

  it("turns the picture upright and removes every trace of where it was taken", async () => {
    const source = halves("red", "blue")
      .jpeg()
      .withExif({
        IFD0: { Make: "Camera" },
        IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 31/1 0/1" },
      })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
      .withMetadata({ orientation: 6 });
    const made = await variantsOf(source);
    assert.deepEqual(await traces(join(dir, "upload")), ["exif", "icc", "orientation", "xmp"]);
    assert.deepEqual([made.width, made.height], [400, 800]);
    for (const { file } of made.variants) {
      assert.deepEqual(await traces(join(out, file)), []);
      const text = (await readFile(join(out, file))).toString("latin1");
      assert.doesNotMatch(text, /EXIF|XMP |ICCP|Camera/);
    }
    // Orientation 6 turns the left side up.
    assertColour(await pixel(join(out, "1280.webp"), 200, 100), [255, 0, 0]);
    assertColour(await pixel(join(out, "1280.webp"), 200, 700), [0, 0, 255]);
  });

  it("converts colours to sRGB: CMYK, wide gamut, grey and 16 bits", async () => {
    const red = () => plain(40, 40, "#ff0000");
    // Ink cannot show every colour: blue comes back a little duller, but neither inverted nor grey.
    const cmyk = plain(40, 40, "#3080c0").toColourspace("cmyk").jpeg();
    assert.equal((await sharp(await cmyk.toBuffer()).metadata()).space, "cmyk");
    const sources: [Sharp, number[]][] = [
      [red().withIccProfile("p3").png(), [255, 0, 0]],
      [red().toColourspace("rgb16").png(), [255, 0, 0]],
      [plain(40, 40, "#808080").toColourspace("b-w").png(), [128, 128, 128]],
      [cmyk, [36, 126, 186]],
    ];
    for (const [source, colour] of sources) {
      await variantsOf(source);
      assertColour(await pixel(join(out, "1280.webp"), 20, 20), colour);
    }
  });

  it("keeps transparency", async () => {
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    await variantsOf(
      sharp({ create: { width: 700, height: 50, channels: 4, background: clear } }).png(),
    );
    assert.equal((await pixel(join(out, "320.webp"), 9, 9))[3], 0);
  });

  it("shows the first frame of an animation", async () => {
    const made = await variantsOf(animation(64, 48, 5));
    assert.deepEqual([made.width, made.height, made.variants.length], [64, 48, 1]);
    assert.equal((await sharp(join(out, "1280.webp")).metadata()).pages ?? 1, 1);
  });

  it("gives a placeholder of fewer than 400 characters, even for noise", async () => {
    const noise = Buffer.from(
      Array.from({ length: 16 * 16 * 4 }, (_, i) => (i * 7919 * (i % 97)) % 251),
    );
    const source = sharp(noise, { raw: { width: 16, height: 16, channels: 4 } }).png();
    const { placeholder } = await variantsOf(source);
    assert.ok(placeholder.length < 400, `${placeholder.length}`);
    assert.match(placeholder, /^data:image\/webp;base64,UklGR/);
  });

  it("makes the same files again, however often and at the same time", async () => {
    const source = await saved(halves("green", "white").jpeg());
    const once = await makeVariants(source, out);
    const before = await readFile(join(out, "640.webp"));
    const twice = await Promise.all([1, 2, 3].map(() => makeVariants(source, out)));
    for (const made of twice) assert.deepEqual(made, once);
    assert.deepEqual((await readdir(out)).sort(), ["1280.webp", "320.webp", "640.webp"]);
    assert.deepEqual(await readFile(join(out, "640.webp")), before);
  });

  it("refuses pixels that break off and leaves nothing", async () => {
    const jpeg = await halves("green", "white").jpeg().toBuffer();
    const file = await saved(jpeg.subarray(0, jpeg.length - 500));
    await inspectPicture(file, { maxPixels: 1_000_000 });
    await assert.rejects(makeVariants(file, out), PictureRejected);
    await assert.rejects(readdir(out), { code: "ENOENT" });
  });

  it("leaves no temporary file when the disk refuses, and clears those of a crash", async () => {
    const source = await saved(halves("green", "white").jpeg());
    const crashed = join(out, "320.webp.0123456789ab.tmp");
    await mkdir(join(out, "640.webp"), { recursive: true });
    await writeFile(crashed, "half");
    await utimes(crashed, new Date(0), new Date(0));
    await assert.rejects(makeVariants(source, out), { code: "EISDIR" });
    const left = await readdir(out);
    assert.deepEqual(
      left.filter((name) => name.endsWith(".tmp")),
      [],
    );
  });
});

/** What a file tells beside its pixels. */
async function traces(file: string): Promise<string[]> {
  const { exif, xmp, iptc, icc, comments, orientation } = await sharp(file).metadata();
  const found = Object.entries({ exif, xmp, iptc, icc, comments, orientation });
  return found
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name)
    .sort();
}

async function pixel(file: string, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return [...data.subarray(at, at + info.channels)];
}

function assertColour(actual: number[], expected: number[]): void {
  const far = expected.some((value, i) => Math.abs(value - (actual[i] ?? Number.NaN)) > 6);
  assert.ok(!far, `${actual} is not ${expected}`);
}
