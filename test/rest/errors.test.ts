import assert from "node:assert/strict";
import { connect } from "node:net";
import { plain } from "../sample-pictures.ts";
import { type Answer, Service, type TestUser } from "../service.ts";

const failsWith = (answer: Answer, status: number, type: string, message?: RegExp): void => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.equal(answer.body.result, false);
  assert.equal(answer.body.error_type, type);
  assert.ok(answer.body.error_message.length > 10);
  if (message) assert.match(answer.body.error_message, message);
};

describe("every failure answers the error form:", () => {
  let service: Service;
  let ann: TestUser;
  let bob: TestUser;
  before(async () => {
    service = await Service.start({ env: { UPLOAD_MAX_BYTES: String(200 * 1024) } });
    [ann, bob] = (await service.addUsers(2)) as [TestUser, TestUser];
  });
  after(() => service.stop());

  const post = (body: unknown, user: TestUser | undefined = ann) =>
    service.call(user, "POST", "/api/tweets", body);

  it("401 for a missing, empty, unknown or disabled key, on every call", async () => {
    const disabled = await service.addUser("Gone");
    await service.db.query("update users set disabled_at = now() where id = $1", [disabled.id]);
    const keys = [undefined, { ...ann, key: "" }, { ...ann, key: "unknown" }, disabled];
    const calls: [string, string, unknown?][] = [
      ["GET", "/api/tweets"],
      ["GET", "/api/users/me"],
      ["POST", "/api/tweets", { tweet_data: "x" }],
      ["DELETE", "/api/tweets/1"],
      ["POST", "/api/users/1/follow"],
      ["POST", "/api/tweets/1/likes"],
    ];
    for (const user of keys) {
      for (const [method, path, body] of calls) {
        failsWith(await service.call(user, method, path, body), 401, "Unauthorized", /api-key/);
      }
      const picture = await plain(30, 30).jpeg().toBuffer();
      const upload = user
        ? await service.upload(user, picture)
        : await service.call(undefined, "POST", "/api/medias", new FormData());
      failsWith(upload, 401, "Unauthorized");
    }
  });

  it("403 for another's tweet and for following oneself", async () => {
    const id = await service.tweet(ann, "mine");
    failsWith(await service.call(bob, "DELETE", `/api/tweets/${id}`), 403, "Forbidden");
    failsWith(await service.call(ann, "POST", `/api/users/${ann.id}/follow`), 403, "Forbidden");
    assert.deepEqual(await service.feed(ann), [id]);
  });

  it("404 for unknown tweets, people and routes, and for what is no id", async () => {
    for (const id of ["999999", "0", "-1", "abc", "1.5", "99999999999999999999", "1e3", "%00"]) {
      failsWith(await service.call(ann, "DELETE", `/api/tweets/${id}`), 404, "NotFound");
      failsWith(await service.call(ann, "POST", `/api/tweets/${id}/likes`), 404, "NotFound");
      failsWith(await service.call(ann, "DELETE", `/api/tweets/${id}/likes`), 404, "NotFound");
      failsWith(await service.call(ann, "POST", `/api/users/${id}/follow`), 404, "NotFound");
      failsWith(await service.call(ann, "DELETE", `/api/users/${id}/follow`), 404, "NotFound");
      failsWith(await service.call(ann, "GET", `/api/users/${id}`), 404, "NotFound");
    }
    for (const path of ["/api/nothing", "/api/", "/api/tweets/1/nothing"]) {
      failsWith(await service.call(ann, "GET", path), 404, "NotFound");
    }
  });

  it("405 with Allow for a method that a known path does not offer", async () => {
    const answer = await service.call(ann, "PUT", "/api/tweets");
    failsWith(answer, 405, "MethodNotAllowed");
    assert.equal(answer.headers.get("allow"), "GET, POST");
    const get = await service.call(ann, "GET", "/api/tweets/1/likes");
    assert.equal(get.headers.get("allow"), "POST, DELETE");
    failsWith(await service.call(ann, "POST", "/"), 405, "MethodNotAllowed");
  });

  it("400 for what is no JSON, 415 for another content type", async () => {
    for (const body of ["{", "", "tweet", '{"tweet_data": "x"', "\u0000"]) {
      failsWith(await post(body), 400, "BadRequest");
    }
    const headers = { "api-key": ann.key, "content-type": "text/plain" };
    const plain = await fetch(`${service.url}/api/tweets`, { method: "POST", headers, body: "{}" });
    failsWith(
      { status: plain.status, headers: plain.headers, body: await plain.json() },
      415,
      "UnsupportedMediaType",
    );
    const noForm = await service.call(ann, "POST", "/api/medias", { file: "x" });
    failsWith(noForm, 415, "UnsupportedMediaType", /multipart\/form-data/);
  });

  it("422 for a text that is blank, too long or none, with the limit named", async () => {
    const wrong = ["", "  \n\t ", 5, null, ["x"], {}, "a\u0000b", "\ud800"];
    for (const text of wrong) failsWith(await post({ tweet_data: text }), 422, "ValidationError");
    for (const body of [[], null, 7, '"text"', {}]) {
      failsWith(await post(body), 422, "ValidationError");
    }
    failsWith(await post({ tweet_data: "x".repeat(281) }), 422, "ValidationError", /280/);
    failsWith(await post({ tweet_data: "🐦".repeat(281) }), 422, "ValidationError", /280/);
    assert.equal((await post({ tweet_data: "🐦".repeat(280) })).status, 201);
  });

  it("422 for media ids that are no ints, too many, unknown, another's or used", async () => {
    for (const ids of ["1", [1.5], ["1"], [0], [null], Array(11).fill(1), { 0: 1 }]) {
      const answer = await post({ tweet_data: "x", tweet_media_ids: ids });
      failsWith(answer, 422, "ValidationError");
    }
    const picture = await plain(40, 30).jpeg().toBuffer();
    const { media_id } = (await service.upload(ann, picture)).body;
    const withMedia = (ids: number[], user = ann) =>
      post({ tweet_data: "x", tweet_media_ids: ids }, user);
    failsWith(await withMedia([media_id], bob), 422, "InvalidMedia");
    failsWith(await withMedia([999_999]), 422, "InvalidMedia");
    failsWith(await withMedia([media_id, media_id]), 422, "InvalidMedia");
    assert.equal((await withMedia([media_id])).status, 201);
    failsWith(await withMedia([media_id]), 422, "InvalidMedia");
  });

  it("422 for an upload that is no image, naming the formats", async () => {
    const text = await service.upload(ann, Buffer.from("<html>no image</html>"), "cat.jpg");
    failsWith(text, 422, "InvalidImage", /JPEG.*PNG.*WebP/);
    failsWith(await service.upload(ann, Buffer.alloc(0)), 422, "InvalidImage");
    const none = new FormData();
    none.set("other", "x");
    failsWith(await service.call(ann, "POST", "/api/medias", none), 422, "InvalidImage");
  });

  it("413 for a body over the limit", async () => {
    const json = await post({ tweet_data: "x", more: "y".repeat(64 * 1024) });
    failsWith(json, 413, "PayloadTooLarge", /64 KiB/);
    failsWith(await service.upload(ann, Buffer.alloc(300 * 1024)), 413, "PayloadTooLarge");
  });

  it("413 while the body still arrives", async () => {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => undefined);
    socket.write(
      `POST /api/tweets HTTP/1.1\r\nHost: x\r\napi-key: ${ann.key}\r\n` +
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
        `11000\r\n${"y".repeat(0x11000)}\r\n`,
    );
    const [answer] = (await new Promise((resolve) => {
      socket.once("data", (data) => resolve([String(data)]));
    })) as [string];
    assert.match(answer, /^HTTP\/1.1 413 /);
    socket.destroy();
  });

  it("422 for a page that is no whole number of at least 1", async () => {
    for (const query of ["limit=0", "limit=-1", "limit=1.5", "limit=abc", "offset=0&limit=5"]) {
      const answer = await service.call(ann, "GET", `/api/tweets?${query}`);
      failsWith(answer, 422, "ValidationError", /whole number/);
    }
  });

  it("503 with Retry-After while Postgres is away, and serves again when it is back", async () => {
    const { rows } = await service.db.query("select current_database() as name");
    const name = rows[0].name as string;
    await service.admin.query(`alter database ${name} allow_connections false`);
    await service.admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1",
      [name],
    );
    const answer = await service.call(ann, "GET", `/api/users/${bob.id}`);
    failsWith(answer, 503, "Unavailable");
    assert.ok(Number(answer.headers.get("retry-after")) >= 1);
    const ready = await service.call(undefined, "GET", "/readyz");
    failsWith(ready, 503, "Unavailable", /postgres/);
    assert.equal((await service.call(undefined, "GET", "/healthz")).status, 200);
    await service.admin.query(`alter database ${name} allow_connections true`);
    assert.equal((await service.call(ann, "GET", `/api/users/${bob.id}`)).status, 200);
    assert.equal((await service.call(undefined, "GET", "/readyz")).status, 200);
  });
});
