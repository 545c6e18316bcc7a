/** Part 1 of the contract: every failure answers the error form. */
import assert from "node:assert/strict";
import { assertError, type Part } from "./site.ts";

const UNKNOWN_ID = 2_000_000_000;

export const errors: Part = {
  title: "Every failure answers the error form",
  checks: [
    {
      name: "401 for a key that is missing, empty or unknown, on every call",
      run: async (site) => {
        const stranger = { id: 0, name: "", key: `no-key-${Date.now()}` };
        const empty = { ...stranger, key: "" };
        for (const [method, path] of [
          ["GET", "/api/tweets"],
          ["GET", "/api/users/me"],
          ["POST", "/api/tweets/1/likes"],
          ["DELETE", "/api/users/1/follow"],
          ["GET", "/api/v2/feed"],
        ] as const) {
          for (const nobody of [undefined, empty]) {
            assertError(await site.call(nobody, method, path), 401, "Unauthorized");
          }
        }
        assertError(await site.call(stranger, "GET", "/api/tweets"), 401, "Unauthorized");
        const post = await site.call(undefined, "POST", "/api/tweets", { tweet_data: "x" });
        assertError(post, 401, "Unauthorized");
      },
    },
    {
      name: "403 for another's tweet and for following oneself",
      run: async (site) => {
        const id = await site.tweet(site.ann, "conformance");
        assertError(await site.call(site.bob, "DELETE", `/api/tweets/${id}`), 403, "Forbidden");
        const self = await site.call(site.ann, "POST", `/api/users/${site.ann.id}/follow`);
        assertError(self, 403, "Forbidden");
        assert.ok(await site.inFeed(site.ann, id), "nothing is deleted");
      },
    },
    {
      name: "404 for unknown tweets, people and routes",
      run: async (site) => {
        for (const [method, path] of [
          ["DELETE", `/api/tweets/${UNKNOWN_ID}`],
          ["POST", `/api/tweets/${UNKNOWN_ID}/likes`],
          ["POST", `/api/users/${UNKNOWN_ID}/follow`],
          ["GET", `/api/users/${UNKNOWN_ID}`],
          ["GET", "/api/users/abc"],
          ["GET", "/api/nothing"],
          ["POST", "/api/v2/nothing"],
        ] as const) {
          assertError(await site.call(site.ann, method, path), 404, "NotFound");
        }
      },
    },
    {
      name: "405 with Allow for a method that a known path does not offer",
      run: async (site) => {
        for (const [method, path, allowed] of [
          ["PUT", "/api/tweets", "GET"],
          ["PATCH", "/api/users/me", "GET"],
          ["GET", "/api/medias", "POST"],
        ] as const) {
          const answer = await site.call(site.ann, method, path);
          assertError(answer, 405, "MethodNotAllowed");
          assert.ok(answer.headers.get("allow")?.includes(allowed));
        }
      },
    },
    {
      name: "400 for what is no JSON, 415 for another content type",
      run: async (site) => {
        for (const body of ["", "{", "hello", '{"tweet_data": "x"']) {
          assertError(await site.call(site.ann, "POST", "/api/tweets", body), 400, "BadRequest");
        }
        const form = { "content-type": "application/x-www-form-urlencoded" };
        const answer = await site.call(site.ann, "POST", "/api/tweets", "tweet_data=x", form);
        assertError(answer, 415, "UnsupportedMediaType");
        const upload = await site.call(site.ann, "POST", "/api/medias", { file: "x" });
        assertError(upload, 415, "UnsupportedMediaType");
      },
    },
    {
      name: "422 for a text that is blank, too long (with the limit named) or none",
      run: async (site) => {
        const post = (tweet_data: unknown) =>
          site.call(site.ann, "POST", "/api/tweets", { tweet_data });
        for (const text of ["", " \n\t", 5, null, ["x"]]) {
          assertError(await post(text), 422, "ValidationError");
        }
        const tooLong = await post("🐦".repeat(10_000));
        assertError(tooLong, 422, "ValidationError");
        const limit = Number(/\d+/.exec(tooLong.body.error_message)?.[0]);
        assert.ok(limit > 0, "the limit is named");
        assertError(await post("x".repeat(limit + 1)), 422, "ValidationError");
        await site.tweet(site.ann, "🐦".repeat(limit)); // code points, not bytes
      },
    },
    {
      name: "422 for media that is unknown, and for ids that are none or too many",
      run: async (site) => {
        const post = (tweet_media_ids: unknown) =>
          site.call(site.ann, "POST", "/api/tweets", { tweet_data: "x", tweet_media_ids });
        assertError(await post([UNKNOWN_ID]), 422, "InvalidMedia");
        for (const ids of ["1", [1.5], ["1"], [null], Array(11).fill(1)]) {
          assertError(await post(ids), 422, "ValidationError");
        }
      },
    },
    {
      name: "422 for a page that is no whole number of at least 1",
      run: async (site) => {
        for (const query of ["limit=0", "limit=-1", "limit=1.5", "limit=x", "offset=0&limit=5"]) {
          const answer = await site.call(site.ann, "GET", `/api/tweets?${query}`);
          assertError(answer, 422, "ValidationError");
        }
      },
    },
    {
      name: "413 for a JSON body over the limit",
      run: async (site) => {
        const body = { tweet_data: "x", more: "y".repeat(64 * 1024) };
        assertError(await site.call(site.ann, "POST", "/api/tweets", body), 413, "PayloadTooLarge");
      },
    },
  ],
};
