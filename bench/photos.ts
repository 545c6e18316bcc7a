/** Made-up photographs of 12 megapixels. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { mulberry32 } from "./random.ts";

const SEED = 20261126;
const WIDTH = 4000;
const HEIGHT = 3000;
const CHANNELS = 3;
/** Noise of this size is enlarged: details a few pixels wide make files of some megabytes, as a
 * camera's are. */
const GRAIN = 5;

/** @returns the paths of `count` different JPEGs, always the same ones. */
export async function makePhotos(dir: string, count: number): Promise<string[]> {
  const random = mulberry32(SEED);
  const raw = { width: WIDTH / GRAIN, height: HEIGHT / GRAIN, channels: CHANNELS } as const;
  const paths: string[] = [];
  for (let i = 0; i < count; i++) {
    const noise = Buffer.alloc(raw.width * raw.height * CHANNELS);
    for (let at = 0; at < noise.length; at++) noise[at] = random() * 256;
    const photo = sharp(noise, { raw }).resize(WIDTH, HEIGHT).jpeg({ quality: 85 });
    const path = join(dir, `photo-${i}.jpg`);
    await writeFile(path, await photo.toBuffer());
    paths.push(path);
  }
  return paths;
}
