import { stat } from "node:fs/promises";
import sharp, { type Metadata } from "sharp";
import { writeTogether } from "./atomic-files.ts";

export { neutralPicture, neutralPictureType } from "./neutral-picture.ts";

/** Widths of the variants, in pixels. The largest is always made; none is ever enlarged. */
const WIDTHS = [320, 640, 1280] as const;
const LARGEST = 1280;
/** A very tall picture is bounded too: at four times the width a long screenshot can be read. */
const MAX_HEIGHT = 4 * LARGEST;

/** Effort 2 makes files 4 % larger than the default 4, at the same PSNR, in 60 % of the time. */
const VARIANT = { quality: 80, effort: 2 };
/** 16 pixels of pure noise with transparency still stay below 400 characters of data: URI. */
const PLACEHOLDER = { quality: 20, alphaQuality: 0 };
const PLACEHOLDER_SIDE = 16;

/** Decoding longer than this is an attack or a machine in trouble, not a picture. */
const DECODE_SECONDS = 60;

const FORMATS = new Map([
  ["jpeg", "JPEG"],
  ["png", "PNG"],
  ["webp", "WebP"],
  ["gif", "GIF"],
  ["avif", "AVIF"],
  ["tiff", "TIFF"],
]);

// Only these decoders ever see a stranger's bytes; SVG would run scripts and fetch references.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Nsgif", "Heif", "Tiff"].map(
    (name) => `VipsForeignLoad${name}`,
  ),
});
// Every file is read once: a cache would only hold memory and open files.
sharp.cache(false);
// Pictures run side by side, and so do the variants of one: more threads for each win nothing.
sharp.concurrency(1);

/** The file cannot be taken as a picture. The message is a sentence for whoever sent it. */
export class PictureRejected extends Error {
  override readonly name = "PictureRejected";
}

export interface PictureInfo {
  /** `jpeg`, `png`, `webp`, `gif`, `avif` or `tiff`. */
  format: string;
  /** Pixels, as the picture is seen: after the EXIF orientation. */
  width: number;
  height: number;
}

export interface PictureVariant {
  /** Pixels. */
  width: number;
  height: number;
  /** Its name in the output directory: `320.webp`, `640.webp` or `1280.webp`. */
  file: string;
  bytes: number;
}

export interface PictureVariants {
  /** Pixels of the source, as the picture is seen. */
  width: number;
  height: number;
  /** A picture of at most 16 × 16 pixels as a `data:` URI of fewer than 400 characters. */
  placeholder: string;
  /** The narrowest first; the last is always `1280.webp`. */
  variants: PictureVariant[];
}

interface Pixels {
  data: Buffer;
  raw: { width: number; height: number; channels: 1 | 2 | 3 | 4 };
}

/**
 * Looks at a file's header, never at its name, and decodes no pixels. The frames of an animation
 * count towards `maxPixels` together.
 *
 * @throws PictureRejected when it is empty, no picture, of another format, damaged or too large
 */
export async function inspectPicture(
  file: string,
  limits: { maxPixels: number },
): Promise<PictureInfo> {
  const rejected = (problem: string, cause?: unknown): PictureRejected =>
    new PictureRejected(`${problem} ${describeTaken(limits.maxPixels)}`, { cause });

  if ((await stat(file)).size === 0) throw rejected("The file is empty.");
  const header = await readHeader(file).catch((error: Error) => {
    const unknown = error.message.includes("unsupported image format");
    throw rejected(
      `The file is ${unknown ? "not a picture of a known format" : "damaged"}.`,
      error,
    );
  });
  const format = header.compression === "av1" ? "avif" : header.format;
  if (!FORMATS.has(format)) throw rejected("The picture is of a format that is not taken.");

  const { width, height } = header.autoOrient;
  const frames = header.pages ?? 1;
  if (width * height * frames > limits.maxPixels) {
    const inFrames = frames > 1 ? ` in ${frames} frames` : "";
    throw rejected(`The picture is too large: ${width} × ${height} pixels${inFrames}.`);
  }
  return { format, width, height };
}

/**
 * Makes what is shown of an inspected picture: upright sRGB WebP files without any metadata.
 * Of an animation, the first frame. Files appear whole or not at all, and a repeated call
 * replaces them by the same.
 *
 * @param outDir is made when it is not there
 * @throws PictureRejected when the pixels cannot be decoded; errors of the disk as they are
 */
export async function makeVariants(input: string, outDir: string): Promise<PictureVariants> {
  await stat(input); // A missing file is our failure, not the picture's.
  const { source, pixels } = await decode(input);
  const [placeholder, ...variants] = await Promise.all([
    encodePlaceholder(pixels),
    ...WIDTHS.filter((width) => width === LARGEST || width < pixels.raw.width).map((width) =>
      encodeVariant(pixels, width),
    ),
  ]);
  await writeTogether(outDir, variants);
  return {
    ...source,
    placeholder,
    variants: variants.map(({ data, ...variant }) => ({ ...variant, bytes: data.length })),
  };
}

function readHeader(file: string): Promise<Metadata> {
  return sharp(file, { limitInputPixels: false }).metadata();
}

function describeTaken(maxPixels: number): string {
  const names = new Intl.ListFormat("en").format(FORMATS.values());
  return `Taken are ${names} pictures of at most ${maxPixels.toLocaleString("en")} pixels.`;
}

/**
 * Decodes once, bounded to the largest variant; the others are made from that. `failOn: "error"`
 * refuses broken and truncated data, but not the odd marker that phones write and browsers accept.
 */
async function decode(
  input: string,
): Promise<{ source: { width: number; height: number }; pixels: Pixels }> {
  try {
    const picture = sharp(input, { failOn: "error", autoOrient: true })
      .timeout({ seconds: DECODE_SECONDS })
      .resize({ width: LARGEST, height: MAX_HEIGHT, fit: "inside", withoutEnlargement: true })
      .toColourspace("srgb")
      .raw();
    const source = (await picture.metadata()).autoOrient;
    const { data, info } = await picture.toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    return { source, pixels: { data, raw: { width, height, channels } } };
  } catch (cause) {
    if (cause instanceof Error && cause.message.startsWith("timeout")) throw cause;
    throw new PictureRejected("The picture is damaged and cannot be shown.", { cause });
  }
}

async function encodePlaceholder({ data, raw }: Pixels): Promise<string> {
  const side = { width: PLACEHOLDER_SIDE, height: PLACEHOLDER_SIDE, fit: "inside" as const };
  const tiny = await sharp(data, { raw }).resize(side).webp(PLACEHOLDER).toBuffer();
  return `data:image/webp;base64,${tiny.toString("base64")}`;
}

interface EncodedVariant {
  width: number;
  height: number;
  file: string;
  data: Buffer;
}

async function encodeVariant({ data, raw }: Pixels, width: number): Promise<EncodedVariant> {
  const picture = sharp(data, { raw }).resize({ width, withoutEnlargement: true }).webp(VARIANT);
  const encoded = await picture.toBuffer({ resolveWithObject: true });
  const { info } = encoded;
  return { width: info.width, height: info.height, file: `${width}.webp`, data: encoded.data };
}
