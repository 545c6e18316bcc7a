import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { Service } from "../service.ts";

describe("the port of an API process", () => {
  let service: Service;
  before(async () => {
    // On a port that the system chose, uWebSockets.js does not allow for lingering connections.
    service = await Service.start({ workers: 0, env: { PORT: String(await freePort()) } });
  });
  after(() => service.stop());

  it("is taken again at once after a process that died with clients connected", async () => {
    const { port } = new URL(service.url);
    const client = await new Promise<Socket>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => resolve(socket));
    });
    client.on("error", () => undefined); // the system may reset it
    const closed = new Promise((resolve) => client.once("close", resolve));
    client.resume();
    await service.apis.shift()?.stop("SIGKILL");
    await closed;
    await service.startApi();
    assert.equal((await service.call(undefined, "GET", "/healthz")).status, 200);
  });

  it("is never shared with another service", async () => {
    await assert.rejects(service.startApi(), /ended at once/);
  });
});
