import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { mulberry32 } from "../../bench/random.ts";
import { Viewer } from "../live/viewer.ts";
import { eventually, type TestUser } from "../service.ts";
import { as, Installation, REPLICAS } from "./installation.ts";

const SOCKETS = 200;
const AUTHORS = 10;
const READERS = 6;
const WRITERS = 6;
/** Between one call of a caller and its next. */
const PAUSE_MS = 40;
const json = { "content-type": "application/json" };

describe("a rolling restart of three replicas under load", function () {
  this.timeout(180_000);
  const random = mulberry32(7);
  const pick = <T>(from: T[]): T => from[Math.floor(random() * from.length)] as T;
  let site: Installation;
  let authors: TestUser[];
  let viewers: Viewer[] = [];
  before(async () => {
    site = await Installation.start();
    const { service, nginx } = site;
    authors = await service.addUsers(AUTHORS);
    const people = await service.addUsers(SOCKETS);
    for (const [i, person] of people.entries()) {
      const followed = authors.filter((_, j) => (i + j) % 3 !== 0).map(({ id }) => id);
      await service.db.query(
        `insert into follows (follower_id, followee_id) select $1, unnest($2::int[])`,
        [person.id, followed],
      );
      viewers.push(new Viewer(nginx.url, person, followed));
    }
    await allAreLive();
  });
  after(async () => {
    for (const { live } of viewers) live.close();
    viewers = [];
    await site.stop();
  });

  const allAreLive = () =>
    eventually(() => {
      for (const { live } of viewers) assert.equal(live.state, "live");
    }, 60_000);

  const counts = { reads: 0, posts: 0, postsWithKey: 0, likes: 0, deletions: 0 };
  const failures: string[] = [];
  const posted: { id: number; author: TestUser }[] = [];
  const doomed: typeof posted = [];

  /** One call, once: what fails has failed. */
  async function call(kind: keyof typeof counts, path: string, init: RequestInit) {
    counts[kind] += 1;
    try {
      const answer = await fetch(site.nginx.url + path, init);
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text);
      failures.push(`${init.method ?? "GET"} ${path}: ${answer.status} ${text}`);
    } catch (error) {
      const { message, cause } = error as Error;
      failures.push(`${init.method ?? "GET"} ${path}: ${message} (${cause})`);
    }
    return undefined;
  }

  async function read(): Promise<void> {
    const path = pick(["/api/tweets?offset=1&limit=20", "/api/v2/feed?sort=new", "/api/users/me"]);
    await call("reads", path, { headers: as(pick(viewers).person) });
  }

  async function write(n: number): Promise<void> {
    const what = random();
    if (what < 0.4 || posted.length < 2) {
      const author = pick(authors);
      const withKey = random() < 0.5;
      const answer = await call(withKey ? "postsWithKey" : "posts", "/api/tweets", {
        method: "POST",
        headers: { ...as(author), ...json, ...(withKey && { "idempotency-key": `key-${n}` }) },
        body: JSON.stringify({ tweet_data: `tweet ${n}` }),
      });
      // Every fifth is for deletion, and nobody likes it meanwhile.
      if (answer) (n % 5 === 0 ? doomed : posted).push({ id: answer.tweet_id, author });
      return;
    }
    const last = what < 0.5 ? doomed.pop() : undefined;
    if (last) {
      await call("deletions", `/api/tweets/${last.id}`, {
        method: "DELETE",
        headers: as(last.author),
      });
      return;
    }
    const method = random() < 0.8 ? "POST" : "DELETE";
    const headers = as(pick(viewers).person);
    await call("likes", `/api/tweets/${pick(posted).id}/likes`, { method, headers });
  }

  /** Reads and writes until `meanwhile` is over. */
  async function underLoad(meanwhile: () => Promise<void>): Promise<void> {
    let isOver = false;
    let written = 0;
    const until = async (turn: () => Promise<void>) => {
      while (!isOver) {
        await turn();
        await sleep(PAUSE_MS * 2 * random());
      }
    };
    const load = [
      ...Array.from({ length: READERS }, () => until(read)),
      ...Array.from({ length: WRITERS }, () => until(() => write(written++))),
    ];
    try {
      await meanwhile();
    } finally {
      isOver = true;
      await Promise.all(load);
    }
  }

  it("fails no request, and no client misses an event or reads anything again", async () => {
    await underLoad(async () => {
      for (let place = 0; place < REPLICAS; place++) {
        await sleep(500);
        assert.equal(await site.end(place, "SIGTERM"), 0);
        await sleep(300);
        await site.startAgain(place);
      }
      await sleep(500);
    });
    assert.deepEqual(failures, []);
    assert.ok(
      Object.values(counts).every((count) => count > 5),
      JSON.stringify(counts),
    );
    const { rows } = await site.service.db.query("select content from tweets");
    assert.equal(new Set(rows.map(({ content }) => content)).size, rows.length, "none twice");
    await allAreLive();
    for (const viewer of viewers) {
      const expected = await viewer.truth(site.service.db);
      await eventually(() => assert.deepEqual(viewer.seen(), expected), 20_000);
      const { reloads, resyncs, setbacks } = viewer;
      assert.deepEqual({ reloads, resyncs, setbacks }, { reloads: 1, resyncs: 0, setbacks: 0 });
    }
  });
});
