import assert from "node:assert/strict";
import { freePort } from "../src/infra/embedded/processes.ts";
import { Service } from "./service.ts";

describe("metrics", () => {
  let service: Service;
  const figures = async (port: number): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain/);
    return response.text();
  };
  before(async () => {
    service = await Service.start({ apis: 0, workers: 0 });
  });
  after(() => service.stop());

  it("of the API tell its sockets and its process, on a port of their own", async () => {
    const port = await freePort("127.0.0.1");
    const api = await service.startApi({ METRICS_PORT: String(port) });
    const text = await figures(port);
    assert.match(text, /^warble_sockets 0$/m);
    assert.match(text, /^warble_process_resident_memory_bytes \d+/m);
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
    assert.equal(
      (await fetch(`${api.url}/metrics`)).headers.get("content-type")?.includes("html"),
      true,
    );
  });

  it("of the workers tell what waits", async () => {
    const port = await freePort("127.0.0.1");
    await service.startWorkers({ METRICS_PORT: String(port) });
    const text = await figures(port);
    assert.match(text, /^warble_relay_backlog 0$/m);
    for (const queue of ["pictures", "scores", "feeds", "upkeep"]) {
      assert.match(text, new RegExp(`^warble_jobs_waiting\\{queue="${queue}"\\} \\d+$`, "m"));
    }
  });

  it("do not hold up the service where their port is taken", async () => {
    const api = await service.startApi({ METRICS_PORT: new URL(service.url).port });
    assert.equal((await fetch(`${api.url}/readyz`)).status, 200);
  });
});
