import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "../../client/api/errors.ts";
import { Live, type LiveOptions, type LiveState } from "../../client/api/live.ts";
import { eventually } from "../service.ts";
import { TestLiveServer } from "./live-server.ts";

/** The server's middleware and the library's first tries wait less. */
const LONGER_THAN_A_RETRY_MS = 2000;

describe("the live client", () => {
  let server: TestLiveServer;
  let lives: Live[] = [];
  let states: LiveState[] = [];
  let received: number[] = [];
  let reloads = 0;
  beforeEach(async () => {
    server = new TestLiveServer();
    await server.open();
    [states, received, reloads] = [[], [], 0];
  });
  afterEach(async () => {
    for (const live of lives) live.close();
    lives = [];
    await server.close();
  });

  const connect = (options: Partial<LiveOptions> = {}): Live => {
    const live = new Live({
      url: server.url,
      key: "k",
      reload: () => {
        reloads += 1;
      },
      show: (state) => states.push(state),
      ...options,
    });
    live.on("tweet:deleted", ({ id }) => received.push(id));
    lives.push(live);
    return live;
  };
  const isLive = (live: Live) => eventually(() => assert.equal(live.state, "live"), 15_000);
  const hasReceived = (...ids: number[]) => eventually(() => assert.deepEqual(received, ids));
  const sinces = () => server.handshakes.map(({ since }) => since);

  it("is live only when the server says that nothing is missing", async () => {
    let letIn = (): void => undefined;
    server.beforeReplay = () =>
      new Promise((resolve) => {
        letIn = resolve;
      });
    const live = connect();
    assert.equal(live.state, "offline");
    await eventually(() => assert.equal(live.state, "catching-up"));
    assert.equal(reloads, 1);
    letIn();
    await isLive(live);
    assert.deepEqual(states, ["catching-up", "live"]);
  });

  it("goes on from the last event, and reads nothing again", async () => {
    const live = connect();
    await isLive(live);
    server.happens(1);
    server.happens(2);
    await hasReceived(1, 2);
    server.cut();
    server.happens(3);
    server.happens(4);
    await hasReceived(1, 2, 3, 4);
    await isLive(live);
    assert.deepEqual(sinces(), [undefined, "2"]);
    assert.deepEqual(states, ["catching-up", "live", "offline", "catching-up", "live"]);
    assert.equal(reloads, 1);
    assert.equal(live.since, "4");
  });

  it("goes on from the cursor of an earlier run", async () => {
    server.happens(1);
    server.happens(2);
    const live = connect({ since: "1" });
    await isLive(live);
    assert.deepEqual([received, reloads], [[2], 0]);
  });

  it("a connection that breaks while it catches up loses nothing that was overtaken", async () => {
    const live = connect();
    await isLive(live);
    server.happens(1);
    await hasReceived(1);
    server.cut();
    server.happens(2);
    server.beforeReplay = async (socket) => {
      server.beforeReplay = () => undefined;
      server.happens(3); // live, before 2 was sent
      await sleep(50);
      socket.conn.close();
    };
    await eventually(() => assert.deepEqual(new Set(received), new Set([1, 2, 3])), 10_000);
    await isLive(live);
    assert.deepEqual(sinces(), [undefined, "1", "1"]);
  });

  it("reads again when it missed too much, and is live when that is done", async () => {
    const live = connect();
    await isLive(live);
    server.cut();
    server.happens(1);
    server.oldestSince = 1;
    await eventually(() => assert.equal(reloads, 2), 10_000);
    await isLive(live);
    assert.equal(live.since, "1");

    server.resync();
    await eventually(() => assert.equal(reloads, 3));
  });

  it("is not live while a reading lasts, and begins anew when one fails", async () => {
    let answer: { resolve: () => void; reject: (error: Error) => void } | undefined;
    const reload = () =>
      new Promise<void>((resolve, reject) => {
        reloads += 1;
        answer = { resolve, reject };
      });
    const live = connect({ reload });
    await eventually(() => assert.equal(live.since, "0", "ready has come"));
    assert.equal(live.state, "catching-up");
    answer?.reject(new Error("no page"));
    await eventually(() => assert.equal(reloads, 2), 10_000);
    assert.deepEqual(sinces(), [undefined, undefined]);
    answer?.resolve();
    await isLive(live);
  });

  it("is refused for good when the key is not taken", async () => {
    server.refusals.push("Unauthorized");
    const live = connect();
    await eventually(() => assert.equal(live.state, "refused"));
    await sleep(LONGER_THAN_A_RETRY_MS);
    assert.equal(server.handshakes.length, 1);
    assert.deepEqual(states, ["refused"]);
  });

  it("tries again after any other refusal", async () => {
    server.refusals.push("Unavailable", "TooManyRequests");
    const live = connect();
    await isLive(live);
    assert.equal(server.handshakes.length, 3);
  });

  it("comes back when the server ends it, and hears then whether the key is still good", async () => {
    const live = connect();
    await isLive(live);
    server.disconnectAll();
    await eventually(() => assert.equal(server.handshakes.length, 2));
    await isLive(live);
    server.refusals.push("Unauthorized");
    server.disconnectAll();
    await eventually(() => assert.equal(live.state, "refused"));
  });

  it("waits for a server that is away, for as long as it takes", async () => {
    const live = connect();
    await isLive(live);
    await server.close(true);
    await eventually(() => assert.equal(live.state, "offline"));
    server.happens(1);
    await sleep(LONGER_THAN_A_RETRY_MS);
    await server.open();
    await isLive(live);
    assert.deepEqual([received, reloads], [[1], 1]);
  });

  it("tells what it watches at once, and at every connection", async () => {
    const live = connect();
    await live.watch({ tweetIds: [1, 2] });
    await isLive(live);
    await live.watch({ userId: 3 });
    await live.watch({ tweetIds: [2] });
    server.cut();
    await eventually(() => assert.equal(server.handshakes.length, 2));
    await isLive(live);
    const told = server.watches;
    assert.deepEqual(told.slice(-2), [{ userId: 3 }, { tweetIds: [2] }]);
    assert.deepEqual(server.handshakes[1]?.watch, { tweetIds: [2], userId: 3 });
  });

  it("does not lose a wish that comes between handshake and connection", async () => {
    let letIn = (): void => undefined;
    server.beforeEntry = () =>
      new Promise((resolve) => {
        letIn = resolve;
      });
    const live = connect();
    await eventually(() => assert.equal(server.handshakes.length, 1));
    await live.watch({ tweetIds: [7] });
    letIn();
    await isLive(live);
    await eventually(() => assert.deepEqual(server.watches, [{ tweetIds: [7] }]));
  });

  it("keeps no wish that the server would refuse", async () => {
    const live = connect();
    await isLive(live);
    await live.watch({ tweetIds: [1] });
    await assert.rejects(live.watch({ tweetIds: [0] }), ApiError);
    const tooMany = Array.from({ length: 201 }, (_, i) => i + 1);
    await assert.rejects(live.watch({ tweetIds: tooMany }), /At most 200/);
    server.cut();
    await eventually(() => assert.equal(server.handshakes.length, 2));
    assert.deepEqual(server.handshakes[1]?.watch, { tweetIds: [1] });
  });

  it("a check finds out that the connection is gone without a word, and goes on from there", async () => {
    const live = connect();
    await isLive(live);
    server.happens(1);
    await hasReceived(1);
    server.isMute = true;
    const checked = live.check();
    server.isMute = false;
    await checked;
    assert.equal(server.handshakes.length, 1, "it answered: nothing is done");
    server.isMute = true;
    await live.check();
    await eventually(() => assert.equal(server.handshakes.length, 2));
    assert.deepEqual(sinces(), [undefined, "1"]);
    await isLive(live);
    assert.deepEqual(states.slice(-3), ["offline", "catching-up", "live"]);
    assert.equal(reloads, 1, "nothing was read again");
  }).timeout(15_000);

  it("a check does not wait for the next try", async () => {
    const live = connect();
    await isLive(live);
    await server.close();
    await eventually(() => assert.equal(live.state, "offline"));
    await sleep(LONGER_THAN_A_RETRY_MS);
    await server.open();
    await live.check();
    await isLive(live);
  });

  it("says nothing more once it is closed", async () => {
    const live = connect();
    await isLive(live);
    live.close();
    server.happens(1);
    await sleep(LONGER_THAN_A_RETRY_MS);
    assert.deepEqual([received, server.handshakes.length], [[], 1]);
  });
});
