import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { io } from "socket.io-client";
import { Service, type TestUser } from "../service.ts";

const LIMIT = 5;
/** Processes settle with Redis every 200 ms. */
const SETTLED_MS = 400;

describe("the limit of unknown keys from one address", () => {
  let service: Service;
  before(async () => {
    const env = { RATE_LIMIT_FAILED_KEYS: String(LIMIT), TRUST_PROXY: "1" };
    service = await Service.start({ apis: 2, workers: 0, env });
  });
  after(() => service.stop());

  const callFrom = (address: string, key: string, api = 0, init: RequestInit = {}) =>
    fetch(`${service.apis[api]?.url}/api/users/me`, {
      ...init,
      headers: { "api-key": key, "x-forwarded-for": `10.9.9.9, ${address}`, ...init.headers },
    });
  const statusFrom = async (address: string, key: string, api = 0) =>
    (await callFrom(address, key, api)).status;
  const guessFrom = async (address: string, api = 0) => {
    for (let i = 0; i < LIMIT; i++) {
      assert.equal(await statusFrom(address, `guess ${i}`, api), 401);
    }
  };
  const handshakeFrom = (address: string, key: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = io(service.url, {
        auth: { apiKey: key },
        transports: ["websocket"],
        extraHeaders: { "x-forwarded-for": address },
        forceNew: true,
        reconnection: false,
      });
      const end = (outcome: string) => {
        socket.disconnect();
        resolve(outcome);
      };
      socket.once("connect", () => end("connected"));
      socket.once("connect_error", (error) => end(error.message));
    });

  it("answers 429 with when to come back, before any key is looked up", async () => {
    const ann = await service.addUser("Ann");
    await guessFrom("192.0.2.1");
    const refused = await callFrom("192.0.2.1", "one more guess");
    assert.equal(refused.status, 429);
    const body = (await refused.json()) as Record<string, string>;
    assert.equal(body.error_type, "TooManyRequests");
    assert.match(String(body.error_message), /More than 5 calls with unknown keys .* in \d+ s\./);
    const retryAfter = Number(refused.headers.get("retry-after"));
    assert.ok(retryAfter >= 1 && retryAfter <= 60, `Retry-After ${retryAfter}`);
    assert.equal(refused.headers.get("ratelimit-limit"), String(LIMIT));
    assert.equal(refused.headers.get("ratelimit-remaining"), "0");
    // Were it looked up, this process would find that the key is good, as from elsewhere.
    assert.equal(await statusFrom("192.0.2.1", ann.key), 429);
    assert.equal(await statusFrom("192.0.2.2", ann.key), 200);
  });

  it("lets colleagues behind the same address work on, also when something about them changes", async () => {
    const [bob, cid] = (await service.addUsers(2)) as [TestUser, TestUser];
    assert.equal(await statusFrom("192.0.2.10", bob.key), 200);
    await guessFrom("192.0.2.10");
    assert.equal(await statusFrom("192.0.2.10", "a guess"), 429);
    assert.equal(await statusFrom("192.0.2.10", bob.key), 200);
    await service.call(bob, "POST", `/api/users/${cid.id}/follow`); // the key is looked up anew
    assert.equal(await statusFrom("192.0.2.10", bob.key), 200);
  });

  it("does not count calls without a key, nor what good keys do", async () => {
    const dan = await service.addUser("Dan");
    for (let i = 0; i < 2 * LIMIT; i++) {
      assert.equal(await statusFrom("192.0.2.20", ""), 401);
      assert.equal(await statusFrom("192.0.2.20", dan.key), 200);
    }
    await guessFrom("192.0.2.20");
  });

  it("takes an IPv6 /64 for one client", async () => {
    for (let i = 0; i < LIMIT; i++) {
      assert.equal(await statusFrom(`2001:db8::${i + 1}`, `guess ${i}`), 401);
    }
    assert.equal(await statusFrom("2001:db8::ffff:1", "a guess"), 429);
    assert.equal(await statusFrom("2001:db8:0:1::1", "a guess"), 401);
  });

  it("counts calls with a body and sockets' handshakes, too", async () => {
    const eve = await service.addUser("Eve");
    const init = {
      method: "POST",
      body: '{"tweet_data":"x"}',
      headers: { "content-type": "application/json" },
    };
    const post = (key: string) =>
      fetch(`${service.url}/api/tweets`, {
        ...init,
        headers: { ...init.headers, "api-key": key, "x-forwarded-for": "192.0.2.30" },
      });
    assert.equal((await post("a guess")).status, 401);
    for (let i = 1; i < LIMIT; i++) {
      assert.equal(await handshakeFrom("192.0.2.30", `guess ${i}`), "Unauthorized");
    }
    assert.equal(await handshakeFrom("192.0.2.30", "a guess"), "TooManyRequests");
    assert.equal(await handshakeFrom("192.0.2.30", eve.key), "TooManyRequests");
    assert.equal((await post("a guess")).status, 429);
    assert.equal(await handshakeFrom("192.0.2.31", eve.key), "connected");
    assert.equal(await handshakeFrom("192.0.2.30", eve.key), "connected");
  });

  it("holds over several processes", async () => {
    await guessFrom("192.0.2.40", 0);
    // The second process has its own count until both have settled with Redis.
    let looked = 0;
    while ((await statusFrom("192.0.2.40", "a guess", 1)) !== 429) {
      looked += 1;
      assert.ok(looked < LIMIT, "the second process counts alone");
      await sleep(SETTLED_MS);
    }
  });
});
