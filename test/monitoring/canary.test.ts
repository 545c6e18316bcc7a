import assert from "node:assert/strict";
import { io } from "socket.io-client";
import { CANARY_NAMESPACE } from "../../src/contract/events.ts";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { Balancer } from "../live/balancer.ts";
import { LiveClient } from "../live-client.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { figureOf, samplesOf } from "./figures.ts";

describe("the canary", function () {
  this.timeout(60_000);
  let service: Service;
  let workers: number;
  let ann: TestUser;
  // As a proxy would, it stays where it is while the API goes and comes back.
  const balancer = new Balancer(() => service.apis.map(({ url }) => Number(new URL(url).port)));
  before(async () => {
    service = await Service.start({ workers: 0 });
    ann = await service.addUser("Ann");
  });
  after(() => {
    balancer.stop();
    return service.stop();
  });

  const runs = async (result: string): Promise<number> =>
    figureOf(await samplesOf(workers), "warble_canary_runs_total", { result });
  const rows = async (): Promise<number> =>
    (await service.db.query("select 1 from events where type = 'canary'")).rows.length;

  it("measures from the commit to a socket, is seen by nobody, and leaves no row", async () => {
    const client = await LiveClient.connect(service.url, ann);
    const tweet = await service.tweet(ann, "before");
    const { id: before } = await client.next("tweet:new", ({ id }) => id === tweet);
    workers = await freePort("127.0.0.1");
    await service.startWorkers({
      METRICS_PORT: String(workers),
      CANARY_URL: await balancer.start(),
    });
    await eventually(async () => assert.equal(await runs("delivered"), 1));
    const samples = await samplesOf(workers);
    assert.equal(figureOf(samples, "warble_commit_to_client_seconds_count"), 1);
    const seconds = figureOf(samples, "warble_commit_to_client_seconds_sum");
    assert.ok(seconds > 0 && seconds < 5, `${seconds} s`);

    await eventually(async () => assert.equal(await rows(), 0));
    assert.deepEqual(
      client.received.filter(({ event }) => event !== "tweet:new"),
      [],
    );
    assert.deepEqual(await service.feed(ann), [tweet]);
    client.close();
    // The canary's number is nobody's last event: whoever comes now is named the tweet's.
    const late = await LiveClient.connect(service.url, ann);
    assert.equal(late.since, before);
    late.close();
  });

  it("lets nobody else into its namespace", async () => {
    for (const auth of [{}, { apiKey: ann.key }, { pass: "x".repeat(32) }, { pass: 7 }]) {
      const stranger = io(new URL(CANARY_NAMESPACE, service.url).href, {
        auth,
        transports: ["websocket"],
        forceNew: true,
      });
      const refused = await new Promise<string>((resolve, reject) => {
        stranger.once("connect_error", ({ message }) => resolve(message));
        stranger.once("connect", () => reject(new Error(`let in with ${JSON.stringify(auth)}`)));
      }).finally(() => stranger.disconnect());
      assert.equal(refused, "Unauthorized");
    }
  });

  it("comes back after the API was away, and counts what it missed as failed", async () => {
    await service.apis.pop()?.stop("SIGKILL");
    await eventually(async () => assert.ok((await runs("failed")) > 0), 15_000);
    await service.startApi();
    const delivered = await runs("delivered");
    await eventually(async () => assert.ok((await runs("delivered")) > delivered), 15_000);
    await eventually(async () => assert.equal(await rows(), 0));
  });
});
