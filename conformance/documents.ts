/** The documents, and whether the site says that it is well. */
import assert from "node:assert/strict";
import type { Part } from "./site.ts";

export const documents: Part = {
  title: "Documents and health",
  checks: [
    {
      name: "/openapi.json is OpenAPI 3.1 and has every call of the contract",
      run: async (site) => {
        const { body } = await site.call(undefined, "GET", "/openapi.json");
        assert.match(body.openapi, /^3\.1\./);
        for (const [path, method] of [
          ["/api/tweets", "get"],
          ["/api/tweets", "post"],
          ["/api/medias", "post"],
          ["/api/tweets/{id}", "delete"],
          ["/api/tweets/{id}/likes", "post"],
          ["/api/tweets/{id}/likes", "delete"],
          ["/api/users/{id}/follow", "post"],
          ["/api/users/{id}/follow", "delete"],
          ["/api/users/me", "get"],
          ["/api/users/{id}", "get"],
          ["/api/v2/feed", "get"],
          ["/api/v2/tweets/{id}", "get"],
          ["/api/v2/users/{id}", "get"],
          ["/api/v2/users/{id}/tweets", "get"],
          ["/api/v2/users/{id}/followers", "get"],
          ["/api/v2/users/{id}/following", "get"],
          ["/api/v2/users", "get"],
        ] as const) {
          assert.ok(body.paths[path]?.[method], `${method} ${path}`);
        }
      },
    },
    {
      name: "/asyncapi.json is AsyncAPI 3 and has every event",
      run: async (site) => {
        const { body, text } = await site.call(undefined, "GET", "/asyncapi.json");
        assert.match(body.asyncapi, /^3\./);
        for (const event of [
          "tweet:new",
          "tweet:deleted",
          "tweet:likes",
          "tweet:media",
          "user:follow",
          "resync",
        ]) {
          assert.ok(text.includes(`"${event}"`), event);
        }
      },
    },
    {
      name: "/docs is a page that loads nothing from another host",
      run: async (site) => {
        const { status, text } = await site.call(undefined, "GET", "/docs");
        assert.equal(status, 200);
        for (const [, link = ""] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
          assert.equal(new URL(link, site.url).host, new URL(site.url).host, link);
        }
      },
    },
    {
      name: "/healthz and /readyz answer 200",
      run: async (site) => {
        for (const path of ["/healthz", "/readyz"]) {
          assert.equal((await site.call(undefined, "GET", path)).status, 200, path);
        }
      },
    },
  ],
};
