import assert from "node:assert/strict";
import { mulberry32 } from "../../bench/random.ts";
import { type TweetEvent, Tweets } from "../../client/api/tweets.ts";
import type { PayloadOf } from "../../src/contract/events.ts";
import type { Attachment, TweetV2 } from "../../src/contract/schemas-v2.ts";

const IDS = [1, 2, 3, 4];

type News = { [E in TweetEvent]: [event: E, payload: PayloadOf<E>] }[TweetEvent];

const picture = (id: number, status: Attachment["status"]): Attachment => ({
  id,
  status,
  width: status === "ready" ? 640 : null,
  height: status === "ready" ? 400 : null,
  placeholder: null,
  variants: [],
});

const tweet = (id: number, changed: Partial<TweetV2> = {}): TweetV2 => ({
  id,
  content: `tweet ${id}`,
  author: { id: 1, name: "Ann" },
  created_at: "2026-01-31T09:30:00.000Z",
  likes_count: 0,
  liked: false,
  version: 0,
  attachments: [],
  ...changed,
});

interface History {
  /** In the order in which it happened, as the server tells it. */
  events: News[];
  /** What is true in the end. */
  outcome: Map<number, TweetV2>;
}

/** What happens to some tweets. */
function history(random: () => number): History {
  const events: News[] = [];
  const shown = new Map<number, TweetV2>();
  for (let step = 0; step < 40; step++) {
    const id = IDS[Math.floor(random() * IDS.length)] as number;
    const known = shown.get(id);
    const dice = random();
    if (known === undefined) {
      if (events.some(([event, payload]) => event === "tweet:new" && payload.id === id)) continue;
      const attachments = [picture(id * 10, "processing"), picture(id * 10 + 1, "processing")];
      shown.set(id, tweet(id, { attachments }));
      events.push(["tweet:new", tweet(id, { attachments })]);
    } else if (dice < 0.05) {
      shown.delete(id);
      events.push(["tweet:deleted", { id }]);
    } else if (dice < 0.2) {
      const attachments = known.attachments.map((each, i) =>
        each.status === "processing" && random() < 0.5
          ? picture(each.id, i === 0 ? "ready" : "failed")
          : each,
      );
      shown.set(id, { ...known, attachments, version: known.version + 1 });
      events.push(["tweet:media", { id, attachments }]);
    } else {
      const likes_count = Math.max(0, known.likes_count + (random() < 0.6 ? 1 : -1));
      const next = { ...known, likes_count, version: known.version + 1 };
      shown.set(id, next);
      events.push(["tweet:likes", { id, likes_count, version: next.version }]);
      // A delivery that is repeated later tells the tweet as it is by then.
      if (dice > 0.9) events.push(["tweet:new", next]);
    }
  }
  return { events, outcome: shown };
}

/** All of it in any order, some of it more than once. */
function disordered(events: News[], random: () => number): News[] {
  const all = [...events, ...events.filter(() => random() < 0.4)];
  return all
    .map((event) => ({ event, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ event }) => event);
}

const take = (tweets: Tweets, [event, payload]: News): void =>
  tweets.apply(event, payload as PayloadOf<typeof event>);

const stateAfter = (events: News[]): (TweetV2 | undefined)[] => {
  const tweets = new Tweets();
  for (const event of events) take(tweets, event);
  return IDS.map((id) => tweets.get(id));
};

/** Media events bring no version: it follows with the next likes. */
const visible = (tweet: TweetV2 | undefined) => tweet && { ...tweet, version: undefined };

describe("tweets as a client knows them", () => {
  it("end in the same state in whatever order, and however often, the events come", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = mulberry32(seed);
      const { events, outcome } = history(random);
      const expected = stateAfter(events);
      assert.deepEqual(
        expected.map(visible),
        IDS.map((id) => visible(outcome.get(id))),
      );
      for (let round = 0; round < 5; round++) {
        const actual = stateAfter(disordered(events, random));
        assert.deepEqual(actual, expected, `seed ${seed}`);
      }
    }
  });

  it("never show a lower version after a higher one", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = mulberry32(seed);
      const tweets = new Tweets();
      const highest = new Map<number, number>();
      tweets.subscribe((id, shown) => {
        if (!shown) return;
        assert.ok(shown.version >= (highest.get(id) ?? 0), `seed ${seed}`);
        highest.set(id, shown.version);
      });
      for (const event of disordered(history(random).events, random)) take(tweets, event);
    }
  });

  it("tell listeners of every change once, and of nothing that changes nothing", () => {
    const tweets = new Tweets();
    const told: [number, number | undefined][] = [];
    const end = tweets.subscribe((id, shown) => told.push([id, shown?.version]));
    for (let twice = 0; twice < 2; twice++) {
      tweets.apply("tweet:new", tweet(1));
      tweets.apply("tweet:likes", { id: 1, likes_count: 1, version: 1 });
      tweets.apply("tweet:likes", { id: 2, likes_count: 1, version: 1 });
    }
    tweets.apply("tweet:deleted", { id: 1 });
    tweets.apply("tweet:deleted", { id: 1 });
    tweets.apply("tweet:new", tweet(1));
    end();
    tweets.apply("tweet:new", tweet(3));
    assert.deepEqual(told, [
      [1, 0],
      [1, 1],
      [1, undefined],
    ]);
  });

  it("a page that was read before an event does not take it back", async () => {
    const tweets = new Tweets();
    const read = await tweets.load(async () => {
      const answer = [tweet(1), tweet(2), tweet(3)];
      tweets.apply("tweet:likes", { id: 1, likes_count: 5, version: 7 });
      tweets.apply("tweet:deleted", { id: 2 });
      return answer;
    });
    assert.deepEqual(
      read.map(({ id, likes_count }) => [id, likes_count]),
      [
        [1, 5],
        [3, 0],
      ],
    );
  });

  it("one's own like stands, whatever was read before it or comes live after it", async () => {
    const tweets = new Tweets();
    await tweets.load(async () => [tweet(1), tweet(2, { liked: true })]);
    await tweets.load(async () => {
      tweets.setLiked(1, true);
      tweets.setLiked(2, false);
      return [tweet(1, { version: 3 }), tweet(2, { liked: true })];
    });
    tweets.apply("tweet:new", tweet(1, { version: 4 }));
    assert.deepEqual([tweets.get(1)?.liked, tweets.get(2)?.liked], [true, false]);
    await tweets.load(async () => [tweet(1, { version: 5 })]);
    assert.equal(tweets.get(1)?.liked, false, "what is read afterwards is believed");
  });

  it("a reading that fails is passed on and leaves nothing behind", async () => {
    const tweets = new Tweets();
    await assert.rejects(
      tweets.load(async () => {
        throw new Error("no page");
      }),
      /no page/,
    );
    assert.equal(tweets.get(1), undefined);
  });
});
