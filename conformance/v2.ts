/** Part 2 of the contract: counts and cursors. */
import assert from "node:assert/strict";
import { assertError, type Part, type Person, type Site } from "./site.ts";

/** All of a list, page by page. */
async function all(site: Site, person: Person, path: string, of: "tweets" | "users", most = 60) {
  const found: { id: number }[] = [];
  let cursor: string | null = null;
  do {
    const next: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await site.call(person, "GET", `${path}${next}`);
    assert.equal(status, 200, body?.error_message);
    found.push(...body[of]);
    cursor = body.next_cursor;
  } while (cursor !== null && found.length < most);
  return found;
}

export const v2: Part = {
  title: "/api/v2",
  checks: [
    {
      name: "a tweet tells counts, whether one likes it, and a version that grows",
      run: async (site) => {
        const id = await site.tweet(site.ann, "conformance");
        const read = async (by: Person) => {
          const { body } = await site.call(by, "GET", `/api/v2/tweets/${id}`);
          return body.tweet;
        };
        const before = await read(site.ann);
        const { created_at, version, ...rest } = before;
        const author = { id: site.ann.id, name: site.ann.name };
        const shape = { id, content: "conformance", author, likes_count: 0, liked: false };
        assert.deepEqual(rest, { ...shape, attachments: [] });
        assert.ok(Date.parse(created_at) > 0);
        await site.call(site.bob, "POST", `/api/tweets/${id}/likes`);
        const [annSees, bobSees] = [await read(site.ann), await read(site.bob)];
        assert.deepEqual([annSees.likes_count, annSees.liked], [1, false]);
        assert.deepEqual([bobSees.likes_count, bobSees.liked], [1, true]);
        assert.ok(annSees.version > version);
      },
    },
    {
      name: "the feed in each order goes on by its cursor without repeats, while likes arrive",
      run: async (site) => {
        const own: number[] = [];
        for (let i = 0; i < 6; i++) own.push(await site.tweet(site.ann, `conformance ${i}`));
        for (const sort of ["popular", "new", "hot"]) {
          const liking = own.map((id) => site.call(site.bob, "POST", `/api/tweets/${id}/likes`));
          const found = await all(site, site.ann, `/api/v2/feed?sort=${sort}&limit=3`, "tweets");
          await Promise.all(liking);
          const ids = found.map(({ id }) => id);
          assert.equal(new Set(ids).size, ids.length, `${sort} repeats nothing`);
          if (sort === "new")
            assert.deepEqual(
              ids,
              ids.toSorted((a, b) => b - a),
            );
          for (const id of own) await site.call(site.bob, "DELETE", `/api/tweets/${id}/likes`);
        }
      },
    },
    {
      name: "profiles tell counts and whether one follows; lists go by cursors",
      run: async (site) => {
        const { ann, bob } = site;
        const before = await site.follows(ann, bob);
        try {
          const profile = async () =>
            (await site.call(ann, "GET", `/api/v2/users/${bob.id}`)).body.user;
          await site.setFollow(ann, bob, false);
          const without = await profile();
          await site.setFollow(ann, bob, true);
          const withHer = await profile();
          assert.deepEqual([without.following, withHer.following], [false, true]);
          assert.equal(withHer.followers_count, without.followers_count + 1);
          const path = `/api/v2/users/${bob.id}/followers?limit=2`;
          const followers = await all(site, ann, path, "users", 100_000);
          assert.ok(followers.some(({ id }) => id === ann.id));
          const own = await all(
            site,
            ann,
            `/api/v2/users/${ann.id}/following?limit=2`,
            "users",
            100_000,
          );
          assert.ok(own.some(({ id }) => id === bob.id));
        } finally {
          await site.setFollow(ann, bob, before);
        }
      },
    },
    {
      name: "a person's tweets are listed, newest first",
      run: async (site) => {
        const [first, second] = [await site.tweet(site.bob, "1"), await site.tweet(site.bob, "2")];
        const path = `/api/v2/users/${site.bob.id}/tweets?limit=1`;
        const ids = (await all(site, site.ann, path, "tweets", 2)).map(({ id }) => id);
        assert.deepEqual(ids, [second, first]);
      },
    },
    {
      name: "people are found by the beginning of their name, in any case",
      run: async (site) => {
        for (const start of [site.bob.name.slice(0, 3), site.bob.name.toUpperCase()]) {
          const path = `/api/v2/users?query=${encodeURIComponent(start)}&limit=50`;
          const found = await all(site, site.ann, path, "users", 100_000);
          assert.ok(
            found.some(({ id }) => id === site.bob.id),
            `"${start}" finds ${site.bob.name}`,
          );
        }
        const none = await site.call(site.ann, "GET", "/api/v2/users?query=%25%25nobody");
        assert.deepEqual(none.body.users, [], "signs of patterns are plain signs");
      },
    },
    {
      name: "an Idempotency-Key posts once, also when it is sent twice at once",
      run: async (site) => {
        const key = { "idempotency-key": `conformance-${Date.now()}` };
        const post = () => site.tweet(site.ann, "conformance, once", [], key);
        const ids = [...(await Promise.all([post(), post(), post()])), await post()];
        assert.equal(new Set(ids).size, 1);
        const other = await site.call(
          site.ann,
          "POST",
          "/api/tweets",
          { tweet_data: "another" },
          key,
        );
        assertError(other, 422, "ValidationError");
      },
    },
    {
      name: "422 for a cursor, sort or limit that is none, 404 for what is unknown",
      run: async (site) => {
        for (const query of ["sort=best", "limit=0", "limit=1000", "cursor=abc"]) {
          const answer = await site.call(site.ann, "GET", `/api/v2/feed?${query}`);
          assertError(answer, 422, "ValidationError");
        }
        for (const path of ["tweets/2000000000", "users/2000000000", "users/2000000000/tweets"]) {
          assertError(await site.call(site.ann, "GET", `/api/v2/${path}`), 404, "NotFound");
        }
      },
    },
  ],
};
