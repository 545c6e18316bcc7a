import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { plain } from "../sample-pictures.ts";
import { type Answer, eventually, Service, type TestUser } from "../service.ts";

describe("nothing is half-written", function () {
  this.timeout(40_000);
  let service: Service;
  let ann: TestUser;
  let bob: TestUser;
  before(async () => {
    service = await Service.start({ apis: 2 });
    [ann, bob] = (await service.addUsers(2)) as [TestUser, TestUser];
  });
  after(() => service.stop());

  const TABLES = ["tweets", "likes", "follows", "media", "events"];
  /** The number of rows of each table, of files, and of keys of feeds. */
  async function everything(): Promise<object> {
    const counts: Record<string, number> = {};
    for (const table of TABLES) {
      const { rows } = await service.db.query(`select count(*)::int as n from ${table}`);
      counts[table] = rows[0].n;
    }
    const found = await readdir(service.dataDir, { recursive: true, withFileTypes: true });
    counts.files = found.filter((entry) => entry.isFile()).length;
    counts.keys = (await service.redis.keys(`${service.prefix}:*:feed`)).length;
    return counts;
  }

  function raw(): Socket & { text: () => string } {
    const { port, hostname } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("error", () => undefined);
    return Object.assign(socket, { text: () => text });
  }
  const head = (method: string, path: string, more = ""): string =>
    `${method} ${path} HTTP/1.1\r\nHost: x\r\napi-key: ${ann.key}\r\n${more}\r\n`;

  it("by malformed JSON, wrong types and unknown media", async () => {
    const before = await everything();
    for (const body of ["{", '{"tweet_data":', { tweet_data: 1 }, { tweet_data: "" }]) {
      const { status } = await service.call(ann, "POST", "/api/tweets", body);
      assert.ok(status === 400 || status === 422);
    }
    const unknown = { tweet_data: "x", tweet_media_ids: [999_999] };
    assert.equal((await service.call(ann, "POST", "/api/tweets", unknown)).status, 422);
    await service.upload(ann, Buffer.from("no image"));
    assert.deepEqual(await everything(), before);
  });

  it("by an upload that breaks off", async () => {
    const before = await everything();
    const picture = await plain(1200, 1200).png().toBuffer();
    for (const share of [0, 0.3, 0.9]) {
      const socket = raw();
      const type = "Content-Type: multipart/form-data; boundary=b\r\n";
      socket.write(
        head("POST", "/api/medias", `${type}Content-Length: ${picture.length + 500}\r\n`),
      );
      socket.write('--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n');
      socket.write(picture.subarray(0, picture.length * share));
      await new Promise((resolve) => setTimeout(resolve, 100));
      socket.destroy();
    }
    await eventually(async () => assert.deepEqual(await everything(), before));
  });

  it("by a body that never comes: the client is answered or cut off", async () => {
    const before = await everything();
    const socket = raw();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const type = "Content-Type: application/json\r\nContent-Length: 100\r\n";
    socket.write(`${head("POST", "/api/tweets", type)}{"tweet_data"`);
    await eventually(() => assert.ok(socket.text() !== "" || socket.closed), 25_000);
    if (socket.text() !== "") assert.match(socket.text(), /^HTTP\/1\.1 408 .*RequestTimeout/s);
    socket.destroy();
    await closed;
    assert.deepEqual(await everything(), before);
  });

  it("by pipelined requests: what is answered at once is answered in order", async () => {
    await service.feed(ann); // known to this process from now on
    const socket = raw();
    socket.write(
      head("GET", "/api/tweets") + head("GET", "/api/nothing") + head("GET", "/healthz"),
    );
    const statuses = () => [...socket.text().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => code);
    await eventually(() => assert.deepEqual(statuses(), ["200", "404", "200"]));
    socket.destroy();
  });

  it("by requests behind one that has to wait: uWebSockets.js closes, and serves the others", async () => {
    const before = await everything();
    const socket = raw();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(head("GET", `/api/users/${bob.id}`) + head("DELETE", "/api/tweets/999999"));
    await eventually(() => assert.ok(socket.closed || /HTTP\/1\.1 200 .*404/s.test(socket.text())));
    socket.destroy();
    await closed;
    assert.deepEqual(await everything(), before);
    assert.equal((await service.call(ann, "GET", "/api/users/me")).status, 200);
  });

  it("by clients that go away before the answer", async () => {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = raw();
        socket.write(head("GET", "/api/tweets") + head("GET", `/api/users/${bob.id}`));
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
        socket.destroy();
      }),
    );
    assert.equal((await service.call(ann, "GET", "/api/tweets")).status, 200);
  });

  it("by 40 parallel likes of one person: one like", async () => {
    const id = await service.tweet(ann, "liked in parallel");
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        service.call(bob, "POST", `/api/tweets/${id}/likes`, undefined, i % 2),
      ),
    );
    const created = answers.filter(({ status }) => status === 201).length;
    assert.equal(created, 1);
    assert.ok(answers.every(({ status }) => status === 201 || status === 200));
    const { body } = await service.call(ann, "GET", "/api/tweets");
    const tweet = body.tweets.find((each: { id: number }) => each.id === id);
    assert.deepEqual(tweet.likes, [{ user_id: bob.id, name: bob.name }]);
    const { rows } = await service.db.query("select likes_count from tweets where id = $1", [id]);
    assert.equal(rows[0].likes_count, 1);
  });

  it("by a tweet that is deleted while it is liked", async () => {
    const people = await service.addUsers(30);
    for (let round = 0; round < 5; round++) {
      const id = await service.tweet(ann, "short-lived");
      const liking = people.map((person, i) =>
        service.call(person, "POST", `/api/tweets/${id}/likes`, undefined, i % 2),
      );
      const deleting = service.call(ann, "DELETE", `/api/tweets/${id}`);
      const statuses = (await Promise.all([...liking, deleting])).map(({ status }) => status);
      assert.ok(
        statuses.every((status) => [200, 201, 404].includes(status)),
        `${statuses}`,
      );
      assert.equal((await service.feed(ann)).includes(id), false);
      assert.equal((await service.feed(ann, "", 1)).includes(id), false);
      const { rows } = await service.db.query("select 1 from likes where tweet_id = $1", [id]);
      assert.equal(rows.length, 0);
    }
  });

  it("by a follow while feeds are rebuilt and tweets are posted", async () => {
    const authors = await service.addUsers(6);
    const reader = await service.addUser("Reader");
    const ids: number[] = [];
    const work: Promise<Answer | number[]>[] = [];
    for (const [i, author] of authors.entries()) {
      for (let n = 0; n < 4; n++) {
        work.push(
          service.tweet(author, `${n}`, undefined, (i + n) % 2).then((id) => [ids.push(id)]),
        );
        work.push(service.feed(reader, "", n % 2));
      }
      work.push(service.call(reader, "POST", `/api/users/${author.id}/follow`, undefined, i % 2));
    }
    await Promise.all(work);
    const newestFirst = ids.sort((a, b) => b - a);
    for (const api of [0, 1]) assert.deepEqual(await service.feed(reader, "", api), newestFirst);
  });

  it("by two tweets that want the same picture: one gets it", async () => {
    const { body } = await service.upload(ann, await plain(50, 50).jpeg().toBuffer());
    const tweet = { tweet_data: "mine", tweet_media_ids: [body.media_id] };
    const before = (await everything()) as { tweets: number };
    const answers = await Promise.all(
      [0, 1, 0, 1].map((api) => service.call(ann, "POST", "/api/tweets", tweet, api)),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 422, 422, 422]);
    assert.equal(((await everything()) as { tweets: number }).tweets, before.tweets + 1);
  });
});
