/** The real queue dashboard behind the real nginx: headers, cookies and addresses have to fit. */
import assert from "node:assert/strict";
import { Operator, PASSWORD, startDashboard } from "../admin/operator.ts";
import { Service } from "../service.ts";
import { Nginx } from "./nginx.ts";

describe("the queue dashboard behind nginx", function () {
  this.timeout(40_000);
  let service: Service;
  let nginx: Nginx;
  let url: string;
  before(async () => {
    service = await Service.start({ workers: 0, quiet: true, env: { TRUST_PROXY: "1" } });
    const dashboard = await startDashboard(service, { TRUST_PROXY: "1" });
    nginx = await Nginx.start({
      apis: [Number(new URL(service.url).port)],
      workers: Number(new URL(dashboard.url).port),
      dataDir: service.dataDir,
    });
    url = `http://127.0.0.1:${nginx.port}`;
  });
  after(async () => {
    await nginx?.stop();
    await service?.stop();
  });

  it("is signed in to, works, and is signed out of, through nginx", async () => {
    const operator = new Operator(url);
    assert.equal((await operator.fetch("/admin/queues/api/queues")).status, 401);
    const entered = await operator.signIn(PASSWORD);
    assert.equal(entered.headers.get("location"), "/admin/queues");
    const queues = await operator.fetch("/admin/queues/api/queues");
    assert.equal(queues.status, 200);
    assert.match(await queues.text(), /"pictures"/);
    const page = await operator.fetch("/admin/queues");
    assert.equal(page.status, 200);
    const [, script = ""] = (await page.text()).match(/src="([^"]+\.js)"/) ?? [];
    const address = new URL(script, `${url}/admin/queues/`).pathname;
    assert.equal((await operator.fetch(address)).status, 200, address);
    await operator.fetch("/admin/sign-out", { method: "POST" });
    assert.equal((await operator.fetch("/admin/queues/api/queues")).status, 401);
  });
});
