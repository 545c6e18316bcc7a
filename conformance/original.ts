/** Part 1 of the contract: the calls of the original frontend. */
import assert from "node:assert/strict";
import type { Part, Site } from "./site.ts";

const DONE = { result: true };

/** Nothing may be liked so often that this lets a new tweet of the window fall out of it. */
const posted = async (site: Site, text = "conformance") => site.tweet(site.ann, text);

export const original: Part = {
  title: "The calls of the original frontend",
  checks: [
    {
      name: "profiles have an id, a name, and lists of followers and followed",
      run: async (site) => {
        for (const path of ["/api/users/me", `/api/users/${site.bob.id}`]) {
          const { status, body } = await site.call(site.ann, "GET", path);
          assert.equal(status, 200);
          assert.equal(body.result, true);
          for (const person of [body.user, ...body.user.followers, ...body.user.following]) {
            assert.ok(Number.isInteger(person.id) && typeof person.name === "string");
          }
        }
      },
    },
    {
      name: "a tweet is posted with 201, and the next read shows it in full",
      run: async (site) => {
        const text = `conformance ${Date.now()} <b>&</b> ж 🐦`;
        const id = await posted(site, text);
        const { stamp, ...tweet } = await site.inFeed(site.ann, id);
        const author = { id: site.ann.id, name: site.ann.name };
        assert.deepEqual(tweet, { id, content: text, attachments: [], author, likes: [] });
        assert.match(stamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
        assert.ok(Math.abs(Date.now() - Date.parse(stamp)) < 3600_000, "the stamp is now");
      },
    },
    {
      name: "a like answers 201, then 200, counts once and names who likes; so does its end",
      run: async (site) => {
        const id = await posted(site);
        const path = `/api/tweets/${id}/likes`;
        const likes = async () => (await site.inFeed(site.ann, id)).likes;
        for (const status of [201, 200]) {
          const answer = await site.call(site.bob, "POST", path);
          assert.deepEqual([answer.status, answer.body], [status, DONE]);
          assert.deepEqual(await likes(), [{ user_id: site.bob.id, name: site.bob.name }]);
        }
        for (let i = 0; i < 2; i++) {
          const answer = await site.call(site.bob, "DELETE", path);
          assert.deepEqual([answer.status, answer.body], [200, DONE]);
          assert.deepEqual(await likes(), []);
        }
      },
    },
    {
      name: "40 parallel likes of one person count once",
      run: async (site) => {
        const id = await posted(site);
        const path = `/api/tweets/${id}/likes`;
        const answers = await Promise.all(
          Array.from({ length: 40 }, () => site.call(site.bob, "POST", path)),
        );
        const created = answers.filter(({ status }) => status === 201);
        assert.ok(answers.every(({ status }) => status === 200 || status === 201));
        assert.equal(created.length, 1);
        assert.equal((await site.inFeed(site.ann, id)).likes.length, 1);
      },
    },
    {
      name: "a follow shows in both profiles and in the feed, at once; so does its end",
      run: async (site) => {
        const { ann, bob } = site;
        const id = await posted(site);
        const before = await site.follows(bob, ann);
        try {
          for (const following of [true, false, true]) {
            await site.setFollow(bob, ann, following);
            const again = await site.call(
              bob,
              following ? "POST" : "DELETE",
              `/api/users/${ann.id}/follow`,
            );
            assert.deepEqual([again.status, again.body], [200, DONE], "repeating is harmless");
            const me = (await site.call(bob, "GET", "/api/users/me")).body.user;
            const other = (await site.call(bob, "GET", `/api/users/${ann.id}`)).body.user;
            const has = (list: { id: number }[], one: number) => list.some((p) => p.id === one);
            assert.equal(has(me.following, ann.id), following);
            assert.equal(has(other.followers, bob.id), following);
            assert.equal((await site.inFeed(bob, id)) !== undefined, following);
          }
        } finally {
          await site.setFollow(bob, ann, before);
        }
      },
    },
    {
      name: "the feed has most likes first, and of equal ones the newest",
      run: async (site) => {
        const [first, second] = [await posted(site), await posted(site)];
        await site.call(site.bob, "POST", `/api/tweets/${first}/likes`);
        const { body } = await site.call(site.ann, "GET", "/api/tweets");
        const order = body.tweets.map((t: { id: number; likes: object[] }) => [
          t.likes.length,
          t.id,
        ]);
        const sorted = order.toSorted((a: number[], b: number[]) => {
          return (b[0] as number) - (a[0] as number) || (b[1] as number) - (a[1] as number);
        });
        assert.deepEqual(order, sorted);
        const ids = order.map(([, id]: number[]) => id);
        assert.ok(ids.indexOf(first) < ids.indexOf(second));
      },
    },
    {
      name: "offset is a page number from 1; without a limit the whole window is answered",
      run: async (site) => {
        for (let i = 0; i < 3; i++) await posted(site);
        const ids = async (query: string) =>
          (await site.call(site.ann, "GET", `/api/tweets${query}`)).body.tweets.map(
            ({ id }: { id: number }) => id,
          );
        const all = await ids("");
        assert.deepEqual(await ids("?offset=2&limit=2"), all.slice(2, 4));
        assert.deepEqual(await ids("?limit=2"), all.slice(0, 2));
        assert.deepEqual(await ids("?offset=2"), all, "offset alone is ignored");
        assert.deepEqual(await ids("?offset=2&limit="), all, "an empty limit is as if absent");
      },
    },
    {
      name: "unknown JSON fields are ignored",
      run: async (site) => {
        const { status, body } = await site.call(site.ann, "POST", "/api/tweets", {
          tweet_data: "conformance",
          unknown: { a: 1 },
        });
        assert.equal(status, 201);
        assert.equal(
          (await site.call(site.ann, "DELETE", `/api/tweets/${body.tweet_id}`)).status,
          200,
        );
      },
    },
    {
      name: "a deleted tweet is gone from the feed, and its likes with it",
      run: async (site) => {
        const id = await posted(site);
        await site.call(site.bob, "POST", `/api/tweets/${id}/likes`);
        const answer = await site.call(site.ann, "DELETE", `/api/tweets/${id}`);
        assert.deepEqual([answer.status, answer.body], [200, DONE]);
        assert.equal(await site.inFeed(site.ann, id), undefined);
        assert.equal((await site.call(site.bob, "POST", `/api/tweets/${id}/likes`)).status, 404);
      },
    },
    {
      name: "the page is answered on nested history routes",
      run: async (site) => {
        for (const path of ["/", "/login", "/profile/1"]) {
          const { status, headers } = await site.call(undefined, "GET", path);
          assert.equal(status, 200, path);
          assert.match(headers.get("content-type") ?? "", /^text\/html/);
        }
      },
    },
  ],
};
