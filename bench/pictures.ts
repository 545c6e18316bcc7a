/**
 * Pictures that a workers process makes, against the same sharp calls in a process of their own.
 * Uploads are put where the API puts them (original, row) before the clock starts, and it runs from
 * the jobs' adding to the last one's end: what is measured is the workers' part alone.
 */
import { copyFile, mkdtemp, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { QueueEvents } from "bullmq";
import { Redis } from "ioredis";
import { FileStore, newToken } from "../src/infra/file-store.ts";
import { JobAdder, queuePrefix } from "../src/infra/queues.ts";
import { requestResize } from "../src/services/events.ts";
import { CONCURRENCY } from "../workers/jobs/handlers.ts";
import type { BarePictures } from "./bare-pictures.ts";
import { compareRates } from "./compare.ts";
import { type Bench, Installation, messageOf, startProgram } from "./installation.ts";
import { memoryRow } from "./memory.ts";
import { makePhotos } from "./photos.ts";
import { READER_ID } from "./seed.ts";
import type { Row } from "./table.ts";

const PHOTOS = 4;
const PICTURES_A_ROUND = 24;
const VARIANTS = ["320.webp", "640.webp", "1280.webp"];

export async function measurePictures(bench: Bench): Promise<Row[]> {
  bench.say("pictures: making photographs …");
  const dir = await mkdtemp(join(bench.dir, "pictures-"));
  const photos = await makePhotos(dir, PHOTOS);
  const files = Array.from({ length: PICTURES_A_ROUND }, (_, i) => photos[i % PHOTOS] as string);
  const concurrency = CONCURRENCY.pictures;
  const warble = await Installation.open(bench);
  const uploads = await Uploads.open(warble, bench.redisUrl);
  try {
    const workers = await warble.startWorkers();
    const bareDir = join(dir, "bare");
    const first: BarePictures = { outDir: bareDir, concurrency };
    const bare = await startProgram(bench, "bench/bare-pictures.ts", {}, first);
    bench.say(`pictures: ${PICTURES_A_ROUND} a round …`);
    const row = await compareRates(
      "pictures of 12 megapixels",
      { processes: { workers: workers.pid }, round: () => uploads.process(files) },
      {
        processes: { process: bare.pid },
        round: () => {
          bare.child.send(files);
          return messageOf<number>(bare);
        },
      },
      `${concurrency} at once, three WebP files and a placeholder of each`,
      (perSecond) => perSecond.toFixed(1),
    );
    for (const photo of photos) await uploads.compare(photo, join(bareDir, basename(photo)));
    return [row, memoryRow("after the pictures", { workers })];
  } finally {
    await uploads.close();
    await warble.close();
  }
}

/** What an upload leaves to the workers. */
class Uploads {
  readonly #db: Installation["db"];
  readonly #files: FileStore;
  readonly #jobs: JobAdder;
  readonly #ended: QueueEvents;
  readonly #connections: Redis[];
  /** Of each photograph, the last upload. */
  readonly #tokens = new Map<string, string>();

  private constructor(warble: Installation, redisUrl: string) {
    const adder = new Redis(redisUrl);
    const events = new Redis(redisUrl, { maxRetriesPerRequest: null });
    this.#connections = [adder, events];
    for (const connection of this.#connections) connection.on("error", () => undefined);
    this.#db = warble.db;
    this.#files = new FileStore(warble.dataDir);
    this.#jobs = new JobAdder(adder, warble.redisPrefix);
    const prefix = queuePrefix(warble.redisPrefix);
    this.#ended = new QueueEvents("pictures", { connection: events, prefix });
  }

  static async open(warble: Installation, redisUrl: string): Promise<Uploads> {
    const uploads = new Uploads(warble, redisUrl);
    await uploads.#files.prepare();
    await uploads.#ended.waitUntilReady();
    return uploads;
  }

  /** @returns pictures a second. */
  async process(files: string[]): Promise<number> {
    const mediaIds: number[] = [];
    for (const file of files) mediaIds.push(await this.#upload(file));
    const startedAt = performance.now();
    const ended = this.#countEnded(files.length);
    await Promise.all(mediaIds.map((id) => requestResize({ jobs: this.#jobs }, id, [])));
    await ended;
    const seconds = (performance.now() - startedAt) / 1000;
    const { rows } = await this.#db.query(
      `select count(*)::int as ready from media where id = any($1) and status = 'ready'`,
      [mediaIds],
    );
    if (rows[0].ready !== files.length) throw new Error("pictures could not be made");
    return files.length / seconds;
  }

  async #upload(file: string): Promise<number> {
    const path = this.#files.createUpload();
    const token = newToken();
    await copyFile(file, path);
    await this.#files.keepOriginal(path, token);
    this.#tokens.set(file, token);
    const { rows } = await this.#db.query(
      "insert into media (owner_id, token) values ($1, $2) returning id",
      [READER_ID, token],
    );
    return rows[0].id;
  }

  #countEnded(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let left = count;
      const onCompleted = () => {
        left -= 1;
        if (left > 0) return;
        this.#ended.off("completed", onCompleted);
        resolve();
      };
      this.#ended.on("completed", onCompleted);
      this.#ended.once("failed", ({ failedReason }) => reject(new Error(failedReason)));
    });
  }

  /** @throws Error when the two sides did not do the same work. */
  async compare(file: string, bareDir: string): Promise<void> {
    for (const variant of VARIANTS) {
      const path = this.#files.variantPath(this.#tokens.get(file) as string, variant) as string;
      const [ours, theirs] = await Promise.all(
        [path, join(bareDir, variant)].map((p) => readFile(p)),
      );
      if (!ours?.equals(theirs as Buffer)) throw new Error(`both sides make another ${variant}`);
    }
  }

  async close(): Promise<void> {
    await this.#ended.close();
    await this.#jobs.close();
    for (const connection of this.#connections) connection.disconnect();
  }
}
