import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Queue } from "bullmq";
import { queuePrefix } from "../src/infra/queues.ts";
import { Balancer } from "./live/balancer.ts";
import { LiveClient } from "./live-client.ts";
import { plain } from "./sample-pictures.ts";
import { eventually, type Running, Service, type TestUser } from "./service.ts";

/** The end that containers are given before they are killed. */
const WITHIN_MS = 10_000;
const BOUNDARY = "boundary";

describe("an API process that is asked to end", function () {
  this.timeout(60_000);
  let service: Service;
  let api: Running;
  let ann: TestUser;
  let agent: Agent;
  before(async () => {
    service = await Service.start({ apis: 1, workers: 0 });
    ann = await service.addUser("Ann");
  });
  after(() => service.stop());
  beforeEach(async () => {
    api = await service.startApi();
    agent = new Agent({ keepAlive: true });
  });
  afterEach(async () => {
    agent.destroy();
    service.apis.splice(service.apis.indexOf(api), 1);
    await api.stop("SIGKILL");
  });

  const open = (method: string, path: string, headers: Record<string, string> = {}) =>
    request(api.url + path, { agent, method, headers: { "api-key": ann.key, ...headers } });
  const answerTo = async (call: ClientRequest) => {
    const [response] = (await once(call, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response) text += chunk;
    const { statusCode, headers } = response;
    return { status: statusCode, connection: headers.connection, body: JSON.parse(text) };
  };
  const call = (method: string, path: string) => answerTo(open(method, path).end());
  const post = (text: string) => {
    const posting = open("POST", "/api/tweets", { "content-type": "application/json" });
    return answerTo(posting.end(JSON.stringify({ tweet_data: text })));
  };
  /** An upload whose end is still to be sent. */
  const beginUpload = async (): Promise<ClientRequest> => {
    const picture = await plain(60, 40).jpeg().toBuffer();
    const head = 'content-disposition: form-data; name="file"; filename="a.jpg"';
    const parts = [`--${BOUNDARY}\r\n${head}\r\n\r\n`, picture, `\r\n--${BOUNDARY}--\r\n`];
    const type = { "content-type": `multipart/form-data; boundary=${BOUNDARY}` };
    const upload = open("POST", "/api/medias", type);
    for (const part of parts.slice(0, 2)) upload.write(part);
    await sleep(100);
    return upload;
  };
  /** Exits by itself, in time, without a fault. */
  const leaves = async (): Promise<void> => {
    const late = sleep(WITHIN_MS, ["late"], { ref: false });
    const { child } = api;
    if (child.exitCode !== null) return assert.equal(child.exitCode, 0);
    assert.equal((await Promise.race([once(child, "exit"), late]))[0], 0);
  };

  it("answers what is running, says that it is not ready, and takes no connection", async () => {
    const upload = await beginUpload();
    const { connection } = await call("GET", "/api/users/me");
    assert.notEqual(connection, "close");
    api.child.kill("SIGTERM");
    await eventually(() => assert.rejects(fetch(`${api.url}/healthz`), /fetch failed/));
    const ready = await call("GET", "/readyz"); // by the connection that there is
    assert.deepEqual([ready.status, ready.connection], [503, "close"]);
    assert.match(ready.body.error_message, /being ended/);
    upload.end(`\r\n--${BOUNDARY}--\r\n`);
    const uploaded = await answerTo(upload);
    assert.deepEqual([uploaded.status, uploaded.connection], [201, "close"]);
    await leaves();
  });

  it("answers every request that it has, and delivers all that follows from them", async () => {
    const posts = 20; // by connections that there are
    await Promise.all(Array.from({ length: posts }, () => call("GET", "/api/users/me")));
    const id = await service.tweet(ann, "to be liked");
    const running = [
      ...Array.from({ length: posts - 1 }, (_, i) => post(`number ${i}`)),
      call("POST", `/api/tweets/${id}/likes`),
    ];
    await Promise.race(running);
    api.child.kill("SIGTERM");
    for (const { status } of await Promise.all(running)) assert.equal(status, 201);
    await leaves();
    const { rows } = await service.db.query(
      "select type from events where delivered_at is null and type <> 'tweet:likes'",
    );
    assert.deepEqual(rows, []); // there is no relay here
    const connection = service.redis.duplicate({ maxRetriesPerRequest: null });
    const scores = new Queue("scores", { connection, prefix: queuePrefix(service.prefix) });
    assert.equal(await scores.getDelayedCount(), 1, "the like count is going to be published");
    await scores.close();
    connection.disconnect();
  });

  it("sends its sockets elsewhere one by one, and they miss nothing", async () => {
    const ports = [Number(new URL(api.url).port)];
    const balancer = new Balancer(() => ports);
    const url = await balancer.start();
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => LiveClient.connect(url, ann)),
    );
    try {
      const closedAt: number[] = [];
      for (const { socket } of clients) {
        socket.once("disconnect", () => closedAt.push(performance.now()));
      }
      ports[0] = Number(new URL(service.url).port);
      api.child.kill("SIGTERM");
      const ids: number[] = [];
      while (closedAt.length < clients.length) {
        ids.push(await service.tweet(ann, "meanwhile"));
        await sleep(100);
      }
      // Three seconds' worth of moments at random: never all of them within this.
      assert.ok((closedAt.at(-1) as number) - (closedAt[0] as number) > 500);
      for (const client of clients) {
        for (const id of ids) await client.next("tweet:new", (tweet) => tweet.id === id);
      }
      await leaves();
    } finally {
      for (const client of clients) client.close();
      balancer.stop();
    }
  });

  it("leaves in time even when a store does not answer and a client does not end", async () => {
    const holder = await service.db.connect();
    await holder.query("begin; lock table tweets");
    const failed = [beginUpload().then(answerTo), post("never")].map((each) =>
      assert.rejects(each),
    );
    await sleep(300);
    api.child.kill("SIGTERM");
    const late = sleep(WITHIN_MS, "late", { ref: false });
    const ended = once(api.child, "exit");
    assert.notEqual(await Promise.race([ended, late]), "late");
    await holder.query("rollback");
    holder.release();
    await Promise.all(failed);
  });
});
