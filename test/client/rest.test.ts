import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ApiError, Offline } from "../../client/api/errors.ts";
import { Rest } from "../../client/api/rest.ts";
import { plain } from "../sample-pictures.ts";
import { Service, type TestUser } from "../service.ts";

const isRefusal =
  (type: string, status: number) =>
  (error: unknown): true => {
    assert.ok(error instanceof ApiError, String(error));
    assert.deepEqual([error.type, error.status], [type, status]);
    assert.ok(error.message.length > 10, "says what is wrong");
    return true;
  };

describe("the typed REST client", () => {
  let service: Service;
  let [ann, bob]: TestUser[] = [];
  let rest: Rest;
  before(async () => {
    service = await Service.start();
    [ann, bob] = await service.addUsers(2);
    rest = new Rest({ url: service.url, key: ann?.key as string });
  });
  after(() => service.stop());

  it("posts, reads, likes, follows and deletes", async () => {
    const other = new Rest({ url: service.url, key: bob?.key as string });
    await other.setFollowing(ann?.id as number, true);
    assert.deepEqual(
      (await rest.me()).followers.map(({ id }) => id),
      [bob?.id],
    );
    const id = await rest.postTweet({ text: "typed" });
    await other.setLiked(id, true);
    const [tweet] = (await other.feed()).tweets;
    assert.deepEqual([tweet?.id, tweet?.content, tweet?.likes_count], [id, "typed", 1]);
    await other.setLiked(id, false);
    await other.setFollowing(ann?.id as number, false);
    assert.deepEqual((await rest.user(bob?.id as number)).following, []);
    const nothing = { tweets: [], nextCursor: undefined };
    assert.deepEqual(await other.feed({ sort: "new" }), nothing);
    await rest.deleteTweet(id);
    assert.deepEqual(await rest.feed({ sort: "hot" }), nothing);
  });

  it("uploads a picture for a tweet", async () => {
    const bytes = new Uint8Array(await plain(40, 30).png().toBuffer());
    const mediaId = await rest.upload(new File([bytes], "view.png"));
    await rest.postTweet({ text: "with a picture", mediaIds: [mediaId] });
    const [tweet] = (await rest.feed({ limit: 1 })).tweets;
    assert.match(tweet?.attachments[0]?.variants[0]?.url ?? "", /^\/media\//);
  });

  it("throws the contract's errors", async () => {
    await assert.rejects(rest.postTweet({ text: " " }), isRefusal("ValidationError", 422));
    await assert.rejects(rest.user(2_000_000_000), isRefusal("NotFound", 404));
    const stranger = new Rest({ url: service.url, key: "unknown" });
    await assert.rejects(stranger.me(), isRefusal("Unauthorized", 401));
    const cyrillic = new Rest({ url: service.url, key: "ключ" });
    await assert.rejects(cyrillic.me(), isRefusal("Unauthorized", 0));
    await assert.rejects(
      rest.calls.GET("/api/tweets", { params: { query: { offset: "x", limit: "5" } } }),
      isRefusal("ValidationError", 422),
    );
  });
});

/** What the real service does only when something is broken. */
describe("the typed REST client, in trouble", () => {
  let server: Server;
  let rest: Rest;
  const seen: { method: string | undefined; idempotencyKey: unknown }[] = [];
  let answers: RequestListener[] = [];

  before(async () => {
    server = createServer((request, response) => {
      seen.push({
        method: request.method,
        idempotencyKey: request.headers["idempotency-key"],
      });
      request.resume();
      (answers.shift() ?? profile)(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    rest = new Rest({ url: `http://127.0.0.1:${port}`, key: "k" });
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    seen.length = 0;
    answers = [];
  });

  const json =
    (status: number, body: object, headers = {}): RequestListener =>
    (_, response) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(body));
    };
  const profile = json(200, { result: true, user: { id: 1 }, tweet_id: 5 });
  const problem = (status: number, type: string, retryAfter?: string) =>
    json(
      status,
      { result: false, error_type: type, error_message: "Try again in a moment." },
      retryAfter === undefined ? {} : { "retry-after": retryAfter },
    );

  it("tries a GET again when the server asks for it", async () => {
    answers = [problem(503, "Unavailable", "0"), problem(429, "TooManyRequests", "0")];
    assert.equal((await rest.me()).id, 1);
    assert.equal(seen.length, 3);
  });

  it("gives up after three tries, and tells how long to wait", async () => {
    answers = Array.from({ length: 5 }, () => problem(503, "Unavailable", "0"));
    await assert.rejects(rest.me(), isRefusal("Unavailable", 503));
    assert.equal(seen.length, 3);
    answers = [problem(429, "TooManyRequests", "60")];
    await assert.rejects(rest.me(), (error: ApiError) => error.retryAfterS === 60);
    assert.equal(seen.length, 4, "nobody waits a minute for a page");
  });

  it("posts a tweet again under the same key, and each tweet under a key of its own", async () => {
    answers = [problem(503, "Unavailable", "0")];
    await rest.postTweet({ text: "once" });
    await rest.postTweet({ text: "another" });
    await rest.postTweet({ text: "kept", idempotencyKey: "of my own" });
    const [first, again, another, own] = seen.map(({ idempotencyKey }) => idempotencyKey);
    assert.match(String(first), /^[0-9a-f]{32}$/);
    assert.equal(again, first);
    assert.notEqual(another, first);
    assert.equal(own, "of my own");
  });

  it("makes no other write twice", async () => {
    answers = [problem(503, "Unavailable", "0")];
    await assert.rejects(rest.setLiked(1, true), isRefusal("Unavailable", 503));
    answers = [problem(503, "Unavailable", "0")];
    await assert.rejects(rest.deleteTweet(1), isRefusal("Unavailable", 503));
    assert.deepEqual(
      seen.map(({ method }) => method),
      ["POST", "DELETE"],
    );
  });

  it("is offline when the connection breaks, before an answer or within it", async () => {
    answers = [
      (request) => request.socket.destroy(),
      (request, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
        response.write('{"result": tr', () => request.socket.destroy());
      },
    ];
    for (let each = 0; each < 2; each++) {
      await assert.rejects(rest.me(), (error) => {
        assert.ok(error instanceof Offline && error instanceof ApiError);
        return isRefusal("Offline", 0)(error);
      });
    }
    const nobody = new Rest({ url: "http://127.0.0.1:9", key: "k" });
    await assert.rejects(nobody.me(), Offline);
  });

  it("understands an answer that is not Warble's own", async () => {
    answers = [
      (_, response) => {
        response.writeHead(502, { "content-type": "text/html" });
        response.end("<h1>Bad gateway</h1>");
      },
    ];
    await assert.rejects(rest.me(), isRefusal("Unavailable", 502));
  });

  it("a caller that stops waiting is told just that", async () => {
    answers = [problem(503, "Unavailable", "5")];
    const signal = AbortSignal.timeout(50);
    await assert.rejects(rest.calls.GET("/api/users/me", { signal }), { name: "TimeoutError" });
    const aborted = AbortSignal.abort();
    await assert.rejects(rest.calls.GET("/api/users/me", { signal: aborted }), {
      name: "AbortError",
    });
    assert.equal(seen.length, 1);
  });
});
