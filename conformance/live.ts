/** Part 3 of the contract: live events. */
import assert from "node:assert/strict";
import sharp from "sharp";
import { type Part, type Site, soon } from "./site.ts";

/** Runs while Bob follows Ann. */
const following = (run: (site: Site) => Promise<void>) => async (site: Site) => {
  const before = await site.follows(site.bob, site.ann);
  await site.setFollow(site.bob, site.ann, true);
  try {
    await run(site);
  } finally {
    await site.setFollow(site.bob, site.ann, before);
  }
};
const of = (id: number) => (payload: { id: number }) => payload.id === id;

export const live: Part = {
  title: "Live events",
  checks: [
    {
      name: "a bad key is refused as Unauthorized",
      run: async (site) => {
        for (const key of ["", `no-key-${Date.now()}`]) {
          await assert.rejects(site.live({ id: 0, name: "", key }), /^Error: Unauthorized$/);
        }
      },
    },
    {
      name: "a tweet and its deletion reach the author and a follower, each with an id",
      run: following(async (site) => {
        const listeners = [await site.live(site.ann), await site.live(site.bob)];
        const id = await site.tweet(site.ann, "conformance, live");
        for (const listener of listeners) {
          const { payload, id: eventId } = await listener.next("tweet:new", of(id));
          assert.equal(payload.content, "conformance, live");
          assert.match(eventId, /^\d+$/);
        }
        await site.call(site.ann, "DELETE", `/api/tweets/${id}`);
        for (const listener of listeners) await listener.next("tweet:deleted", of(id));
      }),
    },
    {
      name: "like counts come in order, the last one always",
      run: following(async (site) => {
        const id = await site.tweet(site.ann, "conformance");
        const listener = await site.live(site.bob);
        const path = `/api/tweets/${id}/likes`;
        for (let i = 0; i < 5; i++) {
          await site.call(site.bob, "POST", path);
          await site.call(site.bob, "DELETE", path);
        }
        await site.call(site.ann, "POST", path);
        const { body } = await site.call(site.ann, "GET", `/api/v2/tweets/${id}`);
        const { version } = body.tweet;
        await listener.next(
          "tweet:likes",
          (c) => c.id === id && c.version === version && c.likes_count === 1,
        );
        const versions = listener.events
          .filter(({ event, payload }) => event === "tweet:likes" && payload.id === id)
          .map(({ payload }) => payload.version);
        assert.deepEqual(
          versions,
          versions.toSorted((a, b) => a - b),
        );
      }),
    },
    {
      name: "a picture comes with the tweet, or when it is ready",
      run: following(async (site) => {
        const listener = await site.live(site.bob);
        const bytes = await sharp({
          create: { width: 400, height: 300, channels: 3, background: "#37a" },
        })
          .png()
          .toBuffer();
        const { body } = await site.upload(site.ann, bytes);
        const id = await site.tweet(site.ann, "conformance", [body.media_id]);
        const { status, variants, placeholder } = await soon("a ready picture", () =>
          listener.events
            .filter(({ event, payload }) => /^tweet:(new|media)$/.test(event) && payload.id === id)
            .flatMap(({ payload }) => payload.attachments)
            .find((each) => each.status === "ready"),
        );
        assert.equal(status, "ready");
        assert.match(placeholder, /^data:image\//);
        assert.ok(variants.length >= 1);
      }),
    },
    {
      name: "a follow reaches both people, and what comes next is heard",
      run: following(async (site) => {
        await site.setFollow(site.bob, site.ann, false);
        const [ann, bob] = [await site.live(site.ann), await site.live(site.bob)];
        await site.setFollow(site.bob, site.ann, true);
        for (const listener of [ann, bob]) {
          const { payload } = await listener.next(
            "user:follow",
            ({ follower, following }) => follower.id === site.bob.id && following,
          );
          assert.equal(payload.followee.id, site.ann.id);
          assert.ok(payload.followers_count >= 1);
        }
        const id = await site.tweet(site.ann, "conformance");
        await bob.next("tweet:new", of(id));
      }),
    },
    {
      name: "watch subscribes without following, and refuses more than 200 ids",
      run: following(async (site) => {
        await site.setFollow(site.bob, site.ann, false);
        const id = await site.tweet(site.ann, "conformance");
        const listener = await site.live(site.bob);
        const watch = (request: object) =>
          listener.socket.timeout(5000).emitWithAck("watch", request);
        assert.equal((await watch({ tweetIds: [id] })).result, true);
        await site.call(site.ann, "POST", `/api/tweets/${id}/likes`);
        await listener.next("tweet:likes", (c) => c.id === id && c.likes_count === 1);
        assert.equal((await watch({ userId: site.ann.id })).result, true);
        const next = await site.tweet(site.ann, "conformance");
        await listener.next("tweet:new", of(next));
        const refused = await watch({ tweetIds: Array.from({ length: 201 }, (_, i) => i + 1) });
        assert.deepEqual([refused.result, refused.error_type], [false, "ValidationError"]);
      }),
    },
    {
      name: "a client that comes back with `since` is sent what it missed",
      run: following(async (site) => {
        const before = await site.live(site.bob);
        const seen = await site.tweet(site.ann, "conformance, seen");
        const { id: since } = await before.next("tweet:new", of(seen));
        before.socket.disconnect();
        const [missed, gone] = [
          await site.tweet(site.ann, "missed"),
          await site.tweet(site.ann, "gone"),
        ];
        await site.call(site.bob, "POST", `/api/tweets/${missed}/likes`);
        await site.call(site.ann, "DELETE", `/api/tweets/${gone}`);
        const after = await site.live(site.bob, { since });
        await after.next("tweet:new", of(missed));
        await after.next("tweet:likes", (c) => c.id === missed && c.likes_count === 1);
        await after.next("tweet:deleted", of(gone));
        assert.ok(!after.events.some(({ event }) => event === "resync"));
      }),
    },
    {
      name: "a client whose `since` is unknown is told to read again",
      run: async (site) => {
        const listener = await site.live(site.bob, { since: "999999999999999" });
        await listener.next("resync", () => true);
      },
    },
  ],
};
