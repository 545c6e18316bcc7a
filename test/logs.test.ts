import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { openQueues } from "../src/infra/queues.ts";
import { LiveClient } from "./live-client.ts";
import { plain } from "./sample-pictures.ts";
import { eventually, type Running, Service, type TestUser } from "./service.ts";

/** One line of a log. */
interface Line {
  name: string;
  level: number;
  msg: string;
  route?: string;
  status?: number;
  user?: number;
  requestId?: string;
  requestIds?: string[];
  events?: string[];
  job?: string;
}

const linesOf = ({ output }: Running): Line[] =>
  output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

describe("the log", function () {
  this.timeout(60_000);
  let service: Service;
  let [ann, bob]: TestUser[] = [];
  const follower = () => bob as TestUser;
  const author = () => ann as TestUser;
  before(async () => {
    service = await Service.start({ quiet: true, env: { LOG_LEVEL: "trace" } });
    [ann, bob] = await service.addUsers(2);
    await service.call(bob, "POST", `/api/users/${ann?.id}/follow`);
  });
  after(() => service.stop());

  const lines = () => [...service.apis, ...service.workers].flatMap(linesOf);
  /** What one grep finds, once the lines are there that the check wants. */
  const grep = (id: string, wanted: (found: Line[]) => boolean): Promise<Line[]> =>
    eventually(() => {
      const found = lines().filter((line) => JSON.stringify(line).includes(`"${id}"`));
      assert.ok(wanted(found), JSON.stringify(found, undefined, 1));
      return found;
    });
  const send = async (method: string, path: string, id: string, init: RequestInit = {}) => {
    const headers = { "api-key": author().key, "x-request-id": id, ...init.headers };
    return fetch(`${service.url}${path}`, { ...init, method, headers });
  };
  const post = (id: string, text: string) =>
    send("POST", "/api/tweets", id, {
      body: JSON.stringify({ tweet_data: text }),
      headers: { "content-type": "application/json" },
    });
  const said = (found: Line[], name: string, msg: RegExp) =>
    found.find((line) => line.name === name && msg.test(line.msg));

  it("shows a request, its event, its delivery and its job by one id", async () => {
    const form = new FormData();
    form.set("file", new Blob([new Uint8Array(await plain(90, 60).png().toBuffer())]), "a.png");
    const answer = await send("POST", "/api/medias", "upload-1", { body: form });
    assert.equal(answer.headers.get("x-request-id"), "upload-1");
    const found = await grep("upload-1", (all) => said(all, "workers", /^job done$/) !== undefined);
    const request = said(found, "api", /^request$/);
    assert.deepEqual(
      [request?.route, request?.status, request?.user],
      ["POST /api/medias", 201, author().id],
    );
    const delivery = said(found, "api", /^events delivered/);
    const { rows } = await service.db.query("select id from events where request_ids = $1", [
      ["upload-1"],
    ]);
    assert.deepEqual(delivery?.events, [`media:uploaded ${rows[0].id}`]);
    assert.equal(said(found, "workers", /^job done$/)?.job, "resize-picture");
  });

  it("goes on from the job to what the job tells the clients", async () => {
    const queues = openQueues(service.redis, service.prefix);
    await queues.pictures.pause();
    const form = new FormData();
    form.set("file", new Blob([new Uint8Array(await plain(90, 60).png().toBuffer())]), "a.png");
    const upload = send("POST", "/api/medias", "upload-2", { body: form });
    const mediaId = await eventually(async () => {
      const { rows } = await service.db.query("select id from media where status = 'processing'");
      assert.equal(rows.length, 1);
      return rows[0].id;
    });
    await service.tweet(author(), "with a picture that is still to be made", [mediaId]);
    await queues.pictures.resume();
    await Promise.all(Object.values(queues).map((queue) => queue.close()));
    assert.equal((await upload).status, 201);
    const toldOf = (line: Line) => /^tweet:media \d+$/.test(line.events?.join() ?? "");
    const found = await grep("upload-2", (all) => all.some(toldOf));
    assert.equal(found.find(toldOf)?.name, "workers");
  });

  it("names every request whose like a published count has in it", async () => {
    const live = await LiveClient.connect(service.url, follower());
    const { tweet_id: id } = (await (await post("liked", "a tweet")).json()) as {
      tweet_id: number;
    };
    await Promise.all([
      send("POST", `/api/tweets/${id}/likes`, "like-1"),
      send("POST", `/api/tweets/${id}/likes`, "like-2", { headers: { "api-key": follower().key } }),
    ]);
    await live.next("tweet:likes", ({ likes_count }) => likes_count === 2);
    live.close();
    for (const like of ["like-1", "like-2"]) {
      const found = await grep(like, (all) => said(all, "workers", /published/) !== undefined);
      assert.equal(said(found, "api", /^request$/)?.route, "POST /api/tweets/:id/likes");
      assert.match(said(found, "workers", /published/)?.events?.join() ?? "", /tweet:likes \d+/);
    }
  });

  it("has the id still when the relay delivers", async () => {
    await service.redis.call("CLIENT", "PAUSE", "2500", "ALL");
    const id = randomUUID();
    await post(id, "delivered later");
    const found = await grep(id, (all) => said(all, "workers", /^events delivered/) !== undefined);
    assert.match(said(found, "workers", /^events delivered/)?.events?.join() ?? "", /^tweet:new/);
  });

  it("takes no id that is malformed, and answers with one of its own", async () => {
    const own = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
    for (const id of ["", "a b", `"`, "x".repeat(65), "\u00e4", "{}", "../etc"]) {
      const answer = await send("DELETE", "/api/tweets/0", id);
      assert.match(answer.headers.get("x-request-id") ?? "", own, id);
    }
    const none = await service.call(author(), "DELETE", "/api/tweets/0");
    assert.match(none.headers.get("x-request-id") ?? "", own);
    assert.ok(lines().every((line) => line.requestId === undefined || line.requestId.length <= 64));
  });

  it("has one line for each refused call, with its status; and one for each read at debug", async () => {
    const cases: [method: string, path: string, key: string, route: string, status: number][] = [
      ["GET", "/api/users/me", "wrong", "GET /api/users/me", 401],
      ["GET", "/api/tweets/99999999", author().key, "(unknown)", 405],
      ["GET", "/api/nothing", author().key, "(unknown)", 404],
      ["DELETE", "/api/tweets/99999999", author().key, "DELETE /api/tweets/:id", 404],
      ["POST", `/api/users/${author().id}/follow`, author().key, "POST /api/users/:id/follow", 403],
      ["GET", "/api/tweets", author().key, "GET /api/tweets", 200],
    ];
    for (const [method, path, key, route, status] of cases) {
      const id = randomUUID();
      const answer = await send(method, path, id, { headers: { "api-key": key } });
      assert.deepEqual([answer.status, answer.headers.get("x-request-id")], [status, id]);
      const [line, ...more] = await grep(id, (all) => all.length > 0);
      assert.deepEqual(more, []);
      assert.deepEqual([line?.route, line?.status], [route, status]);
      assert.equal(line?.level, status < 400 ? 20 : 40);
    }
  });

  it("has neither a key nor a text in it, whatever fails", async () => {
    const secret = `private-${randomUUID()}`;
    const otherKey = `key-${randomUUID()}`;
    const json = { "content-type": "application/json" };
    const attempts: [method: string, path: string, init: RequestInit][] = [
      ["POST", "/api/tweets", { body: JSON.stringify({ tweet_data: secret }), headers: json }],
      ["POST", "/api/tweets", { body: JSON.stringify({ tweet_data: [secret] }), headers: json }],
      ["POST", "/api/tweets", { body: `{"tweet_data": "${secret}`, headers: json }],
      ["POST", "/api/tweets", { body: secret, headers: { "content-type": "text/plain" } }],
      ["POST", "/api/tweets", { body: JSON.stringify({ [secret]: secret }), headers: json }],
      [
        "POST",
        "/api/tweets",
        { body: JSON.stringify({ tweet_data: secret.repeat(50) }), headers: json },
      ],
      [
        "POST",
        "/api/tweets",
        { body: JSON.stringify({ tweet_data: `${secret}\u0000` }), headers: json },
      ],
      [
        "POST",
        "/api/tweets",
        { body: JSON.stringify({ tweet_data: secret, tweet_media_ids: [1e8] }), headers: json },
      ],
      [
        "POST",
        "/api/medias",
        { body: secret, headers: { "content-type": "multipart/form-data; boundary=x" } },
      ],
      ["GET", `/api/tweets?limit=${secret}&api-key=${otherKey}`, {}],
      ["GET", `/api/tweets/${secret}`, {}],
      ["GET", `/api/nothing/${otherKey}`, {}],
      ["GET", "/api/users/me", { headers: { "api-key": otherKey } }],
      [
        "POST",
        "/api/tweets",
        { body: JSON.stringify({ tweet_data: secret }), headers: { ...json, "api-key": otherKey } },
      ],
    ];
    const sendAll = async () => {
      const statuses = new Set<number>();
      for (const [method, path, init] of attempts) {
        statuses.add((await send(method, path, randomUUID(), init)).status);
      }
      const form = new FormData();
      form.set("file", new Blob([secret]), `${secret}.png`);
      statuses.add((await send("POST", "/api/medias", randomUUID(), { body: form })).status);
      return statuses;
    };
    const live = await LiveClient.connect(service.url, follower());
    await sendAll();
    await assert.rejects(LiveClient.connect(service.url, { key: otherKey }));
    await live.watch({ tweetIds: [secret] });

    // PostgreSQL refuses rows, and tells the row; Redis refuses commands, which hold rendered tweets.
    await service.db.query(
      `alter table tweets add constraint broken check (content = '') not valid`,
    );
    assert.ok((await sendAll()).has(500));
    await service.db.query("alter table tweets drop constraint broken");
    const feedKeys = async () => service.redis.keys(`${service.prefix}:*`);
    for (const key of await feedKeys()) await service.redis.set(key, "of another type");
    await sendAll();
    await service.feed(follower());
    await service.redis.unlink(...(await feedKeys()));
    await service.redis.call("CLIENT", "PAUSE", "2000", "ALL");
    await sendAll();
    await eventually(() => assert.ok(live.of("tweet:new").length > 1), 10_000);
    live.close();

    const output = [...service.apis, ...service.workers].map((each) => each.output).join("");
    assert.match(output, /"msg":"request failed"/, "nothing failed");
    for (const word of [secret, otherKey, author().key, follower().key]) {
      const found = output.split("\n").filter((line) => line.includes(word));
      assert.deepEqual(found, []);
    }
  });
});
