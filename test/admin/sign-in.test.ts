import assert from "node:assert/strict";
import { hashPassword } from "../../src/base/password-hash.ts";
import { adminSessionKey } from "../../src/contract/keys.ts";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { eventually, Service } from "../service.ts";
import { Operator, PASSWORD, startDashboard } from "./operator.ts";

const QUEUES = "/admin/queues/api/queues";

describe("signing in to the queue dashboard", function () {
  this.timeout(40_000);
  let service: Service;
  let url: string;
  before(async () => {
    service = await Service.start({ apis: 0, workers: 0, quiet: true, env: { LOG_LEVEL: "info" } });
    ({ url } = await startDashboard(service, { TRUST_PROXY: "1" }));
  });
  after(() => service.stop());
  const sessions = () => service.redis.keys(adminSessionKey(service.prefix, "*"));

  it("gives a cookie that scripts and other sites do not get, for a day's work", async () => {
    const operator = new Operator(url);
    const plain = await operator.signIn(PASSWORD);
    assert.equal(plain.headers.get("location"), "/admin/queues");
    const [cookie = ""] = plain.headers.getSetCookie();
    assert.match(
      cookie,
      /^warble_operator=[\w-]{32}\.[^;]+; Max-Age=28800; Path=\/admin; HttpOnly; SameSite=Strict$/,
    );
    const secured = await new Operator(url).signIn(PASSWORD, { "x-forwarded-proto": "https" });
    assert.match(secured.headers.getSetCookie()[0] ?? "", /; HttpOnly; Secure; SameSite=Strict$/);
    assert.equal((await operator.fetch(QUEUES)).status, 200);
    assert.equal((await operator.fetch("/admin")).headers.get("location"), "/admin/queues");
  });

  it("ends after its time, and nothing of the cookie stands in Redis", async () => {
    await service.redis.unlink(...(await sessions()));
    const operator = await Operator.signedIn(url);
    const [key = ""] = await sessions();
    const ttl = await service.redis.ttl(key);
    assert.ok(ttl > 28_700 && ttl <= 28_800, `${ttl} s`);
    const [id = ""] = operator.cookie.replace(/^.*?=/, "").split(".");
    assert.equal(id.length, 32);
    assert.ok(!key.includes(id));
    await service.redis.pexpire(key, 1);
    await eventually(async () => assert.equal((await operator.fetch(QUEUES)).status, 401));
  });

  it("ends with a sign-out, also for who has copied the cookie", async () => {
    const operator = await Operator.signedIn(url);
    const thief = new Operator(url);
    thief.cookie = operator.cookie;
    assert.equal((await thief.fetch(QUEUES)).status, 200);
    const page = await (await operator.fetch("/admin/sign-out")).text();
    assert.match(page, /<form method="post" action="\/admin\/sign-out">/);
    assert.equal((await thief.fetch(QUEUES)).status, 200, "looking at the page changes nothing");
    const out = await operator.fetch("/admin/sign-out", { method: "POST" });
    assert.equal(out.status, 303);
    assert.match(out.headers.getSetCookie()[0] ?? "", /^warble_operator=; Max-Age=0; Path=\/admin/);
    assert.equal((await operator.fetch(QUEUES)).status, 401);
    assert.equal((await thief.fetch(QUEUES)).status, 401);
  });

  it("ends with a new password, and holds on every workers' process until then", async () => {
    const operator = await Operator.signedIn(url);
    const at = async (hash: string) => {
      const port = await freePort("127.0.0.1");
      await service.startWorkers({ ADMIN_PORT: String(port), ADMIN_PASSWORD_HASH: hash });
      const other = new Operator(`http://127.0.0.1:${port}`);
      other.cookie = operator.cookie;
      return (await other.fetch(QUEUES)).status;
    };
    const hash = await hashPassword(PASSWORD);
    const same = await startDashboard(service, { ADMIN_PASSWORD_HASH: hash });
    const signed = await Operator.signedIn(same.url);
    operator.cookie = signed.cookie;
    assert.equal(await at(hash), 200);
    assert.equal(await at(await hashPassword("another password")), 401);
  });

  it("takes nothing from another site", async () => {
    const operator = await Operator.signedIn(url);
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: url.replace("http", "https").replace("127.0.0.1", "127.0.0.1.evil.example") },
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    ];
    for (const headers of foreign) {
      const signIn = await new Operator(url).signIn(PASSWORD, headers);
      assert.equal(signIn.status, 403, JSON.stringify(headers));
      assert.deepEqual(signIn.headers.getSetCookie(), []);
      const signOut = await operator.fetch("/admin/sign-out", { method: "POST", headers });
      assert.equal(signOut.status, 403);
    }
    const preflight = await fetch(`${url}${QUEUES}`, {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "PUT" },
    });
    assert.equal(preflight.headers.get("access-control-allow-origin"), null);
    assert.equal((await operator.fetch(QUEUES)).status, 200);
  });

  it("is refused with a wrong password, in the page's own words", async () => {
    const from = { "x-forwarded-for": "192.0.2.9" };
    for (const wrong of ["", "wrong", `${PASSWORD} `, PASSWORD.toUpperCase(), "x".repeat(2000)]) {
      const answer = await new Operator(url).signIn(wrong, from);
      assert.equal(answer.status, 401, wrong);
      assert.match(await answer.text(), /role="alert"[^>]*>This is not the password\./);
      assert.deepEqual(answer.headers.getSetCookie(), []);
    }
    const large = new Operator(url).signIn("x".repeat(20_000), from);
    assert.equal((await large).status, 413);
  });

  it("is refused after ten wrong passwords from one address, also the right one then", async () => {
    const from = { "x-forwarded-for": "192.0.2.1" };
    const tries = Array.from({ length: 12 }, () => new Operator(url).signIn("wrong", from));
    const statuses = (await Promise.all(tries)).map(({ status }) => status).sort();
    assert.deepEqual(statuses, [...Array(10).fill(401), 429, 429]);
    const right = await new Operator(url).signIn(PASSWORD, from);
    assert.equal(right.status, 429);
    assert.match(right.headers.get("retry-after") ?? "", /^\d+$/);
    const elsewhere = await new Operator(url).signIn(PASSWORD, { "x-forwarded-for": "192.0.2.2" });
    assert.equal(elsewhere.status, 303);
  });

  it("is limited for all addresses together", async () => {
    await service.redis.unlink(...(await service.redis.keys(`${service.prefix}:admin:sign-ins*`)));
    const tries = Array.from({ length: 35 }, (_, i) =>
      new Operator(url).signIn("wrong", { "x-forwarded-for": `198.51.100.${i}` }),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 429).length, 5);
    await service.redis.unlink(...(await service.redis.keys(`${service.prefix}:admin:sign-ins*`)));
  });

  it("sends nothing that could be framed, cached, or loaded from elsewhere", async () => {
    const operator = await Operator.signedIn(url);
    for (const path of ["/admin/sign-in", "/admin/queues", "/admin/sign-out", QUEUES]) {
      const { headers } = await operator.fetch(path);
      const policy = headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/, path);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe|https?:|\*/);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("cache-control"), "no-store");
    }
    const page = await (await operator.fetch("/admin/queues")).text();
    assert.doesNotMatch(page, /https?:\/\/|style=/);
  });

  it("is not offered without a password's hash, and the log says what to do", async () => {
    const port = await freePort("127.0.0.1");
    const workers = await service.startWorkers({ ADMIN_PORT: String(port) });
    await assert.rejects(fetch(`http://127.0.0.1:${port}/admin/queues`));
    await eventually(() => {
      assert.match(
        workers.output,
        /set ADMIN_PASSWORD_HASH to what `npm run admin-password` prints/,
      );
    });
  });

  it("does not hold up the workers where the port is taken", async () => {
    const { port } = new URL(url);
    const hash = await hashPassword(PASSWORD);
    const second = await service.startWorkers({ ADMIN_PORT: port, ADMIN_PASSWORD_HASH: hash });
    await eventually(() => {
      assert.match(second.output, /set ADMIN_PORT to a free port/);
      assert.match(second.output, /the workers wait for jobs/);
    });
  });

  it("leaves no password in the log, but who has tried", async () => {
    await Operator.signedIn(url);
    await new Operator(url).signIn(`${PASSWORD}!`, { "x-forwarded-for": "192.0.2.3" });
    await eventually(() => {
      const [{ output = "" } = {}] = service.workers;
      assert.match(output, /an operator has signed in/);
      assert.match(output, /"address":"192\.0\.2\.3".*sign-in was refused/);
    });
    for (const { output } of service.workers) {
      assert.doesNotMatch(output, new RegExp(PASSWORD));
      assert.doesNotMatch(output, /scrypt:/);
    }
  });
});
