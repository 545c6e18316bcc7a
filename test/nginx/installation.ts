/** A service of several replicas behind nginx, for tests. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { type Running, Service, type TestUser } from "../service.ts";
import { Nginx } from "./nginx.ts";

export const REPLICAS = 3;

export interface Reply {
  status: number;
  headers: IncomingMessage["headers"];
  bytes: Buffer;
  text: string;
}

export interface Call {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** The caller's own address. */
  from?: string;
  port?: number;
}

export class Installation {
  readonly service: Service;
  readonly nginx: Nginx;
  /** Of the replicas. */
  readonly ports: number[];

  private constructor(service: Service, nginx: Nginx, ports: number[]) {
    this.service = service;
    this.nginx = nginx;
    this.ports = ports;
  }

  /** @param dashboard the port of the workers' dashboard. */
  static async start(dashboard?: number, env: NodeJS.ProcessEnv = {}): Promise<Installation> {
    const service = await Service.start({ apis: 0, env: { TRUST_PROXY: "1", ...env } });
    const ports = await Promise.all(Array.from({ length: REPLICAS }, () => freePort()));
    for (const port of ports) await service.startApi({ PORT: String(port) });
    const { dataDir } = service;
    const nginx = await Nginx.start({
      apis: ports,
      dataDir,
      ...(dashboard && { workers: dashboard }),
    });
    return new Installation(service, nginx, ports);
  }

  async stop(): Promise<void> {
    await this.nginx.stop();
    await this.service.stop();
  }

  /** Ends a replica by the signal. @returns its exit code, null when it was killed. */
  async end(place: number, signal: NodeJS.Signals): Promise<number | null> {
    const replica = this.service.apis[place] as Running;
    await replica.stop(signal);
    return replica.child.exitCode;
  }

  /** Starts a replica again that has ended. */
  async startAgain(place: number): Promise<void> {
    await this.service.startApi({ PORT: String(this.ports[place]) });
    this.service.apis[place] = this.service.apis.pop() as Running;
  }

  /** One call, without `fetch`, which hides compression and cannot say where it comes from. */
  async send(path: string, call: Call = {}): Promise<Reply> {
    const { method = "GET", headers = {}, body, from, port = this.nginx.port } = call;
    const sent = request({
      host: "127.0.0.1",
      port,
      path,
      method,
      headers,
      agent: false,
      ...(from && { localAddress: from }),
    });
    sent.on("error", () => undefined); // a body that nobody wants may be cut off after the answer
    sent.end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      bytes,
      text: bytes.toString(),
    };
  }
}

export const as = (user: TestUser | undefined) => ({ "api-key": user?.key ?? "" });

/** The contract's form. */
export function assertError({ status, headers, text }: Reply, wanted: number, type: string): void {
  assert.equal(status, wanted, text);
  assert.match(headers["content-type"] ?? "", /^application\/json/);
  const { error_message, ...rest } = JSON.parse(text);
  assert.deepEqual(rest, { result: false, error_type: type });
  assert.ok(error_message.length > 10);
}
