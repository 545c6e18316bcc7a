/** The least that could make the files of an upload: sharp and nothing else, in one process, as many
 * pictures side by side as a workers process takes. Decodes once, derives the rest. The first
 * message says where to write and how many at once; each later one has the pictures. */
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import sharp from "sharp";

export interface BarePictures {
  outDir: string;
  concurrency: number;
}

/** As in `src/infra/pictures.ts`; the measurement compares both sides' files. */
const WIDTHS = [320, 640, 1280];
const LARGEST = 1280;
const WEBP = { quality: 80, effort: 2 };
const PLACEHOLDER = { quality: 20, alphaQuality: 0 };
const PLACEHOLDER_SIDE = { width: 16, height: 16, fit: "inside" } as const;

sharp.cache(false);
sharp.concurrency(1);

async function makeFiles(file: string, outDir: string): Promise<void> {
  const { data, info } = await sharp(file, { autoOrient: true })
    .resize({ width: LARGEST, withoutEnlargement: true })
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const dir = join(outDir, basename(file));
  await mkdir(dir, { recursive: true });
  await Promise.all([
    sharp(data, { raw }).resize(PLACEHOLDER_SIDE).webp(PLACEHOLDER).toBuffer(),
    ...WIDTHS.map(async (width) => {
      const webp = await sharp(data, { raw }).resize({ width }).webp(WEBP).toBuffer();
      await writeFile(join(dir, `${width}.webp`), webp);
    }),
  ]);
}

process.once("message", ({ outDir, concurrency }: BarePictures) => {
  process.on("message", async (files: string[]) => {
    const startedAt = performance.now();
    const rest = files.values();
    const oneAfterTheOther = async () => {
      for (const file of rest) await makeFiles(file, outDir);
    };
    await Promise.all(Array.from({ length: concurrency }, oneAfterTheOther));
    process.send?.((files.length * 1000) / (performance.now() - startedAt));
  });
  process.send?.({ ready: true });
});
process.once("disconnect", () => process.exit());
