/** How soon the right count of likes is at every viewer: from the answer to the last of many likes
 * until the last of many sockets has the final count. */
import { type Bench, Installation, type Served } from "./installation.ts";
import { postTweet } from "./live.ts";
import { LiveSocket } from "./live-socket.ts";
import { median } from "./rounds.ts";
import { keyOf, PEOPLE } from "./seed.ts";
import { type Row, whole } from "./table.ts";

const ROUNDS = 5;
const VIEWERS = 200;
const LIKES = 500;
const AT_ONCE = 32;
const PATIENCE_MS = 10_000;

export async function measureCounts(bench: Bench): Promise<Row[]> {
  bench.say(`counts: ${whole(LIKES)} likes, ${VIEWERS} viewers …`);
  const warble = await Installation.open(bench);
  try {
    const [api, other] = [await warble.startApi(), await warble.startApi()];
    await warble.startWorkers();
    const viewers = new Viewers();
    // Half of them at the process that takes the likes, half at another.
    for (let i = 0; i < VIEWERS; i++) await viewers.add(i % 2 === 0 ? api : other, keyOf(i + 1));
    const rounds: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const ms = await oneRound(api, viewers);
      if (round > 0) rounds.push(ms);
    }
    return [
      {
        what: "like count, from the last like to the last viewer",
        warble: `${whole(median(rounds))} ms`,
        bare: "–",
        ratio: undefined,
        notes: `${whole(LIKES)} likes of one tweet, ${AT_ONCE} at once; ${VIEWERS} sockets on two processes; the slowest of ${ROUNDS} rounds: ${whole(Math.max(...rounds))} ms`,
      },
    ];
  } finally {
    await warble.close();
  }
}

async function oneRound(api: Served, viewers: Viewers): Promise<number> {
  const tweetId = await postTweet(api.url);
  const seen = viewers.see(tweetId, LIKES);
  let next = 1;
  const like = async (): Promise<void> => {
    while (next <= LIKES) {
      const key = keyOf(next++ % PEOPLE || PEOPLE);
      const init = { method: "POST", headers: { "api-key": key } };
      const { status } = await fetch(`${api.url}/api/tweets/${tweetId}/likes`, init);
      if (status !== 201) throw new Error(`a like was answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, like));
  const answeredAt = performance.now();
  return Math.max(0, (await seen) - answeredAt);
}

/** Sockets that look for one count. */
class Viewers {
  #count = 0;
  #wanted = Buffer.alloc(0);
  #have = new Set<number>();
  #all: (at: number) => void = () => undefined;

  async add({ url }: Served, apiKey: string): Promise<void> {
    const viewer = this.#count++;
    const onEvent = (bytes: Buffer, start: number): void => {
      const end = start + this.#wanted.length;
      if (end <= start || this.#wanted.compare(bytes, start, end) !== 0) return;
      this.#have.add(viewer);
      if (this.#have.size === this.#count) this.#all(performance.now());
    };
    // One that is lost is missing when they are counted.
    const onEnd = (): void => undefined;
    await new LiveSocket(url, { apiKey }, onEvent, onEnd).connected;
  }

  /** @returns when every one of them has been told of this count. */
  see(tweetId: number, likes: number): Promise<number> {
    this.#have.clear();
    this.#wanted = Buffer.from(`42["tweet:likes",{"id":${tweetId},"likes_count":${likes},`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${this.#have.size} of ${this.#count} viewers have the count`));
      }, PATIENCE_MS);
      this.#all = (at) => {
        clearTimeout(timer);
        resolve(at);
      };
    });
  }
}
