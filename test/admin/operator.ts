/** An operator's browser, as far as a test needs one: keeps the cookie and names its origin. */
import assert from "node:assert/strict";
import { hashPassword } from "../../src/base/password-hash.ts";
import { freePort } from "../../src/infra/embedded/processes.ts";
import type { Running, Service } from "../service.ts";

export const PASSWORD = "correct horse battery staple";

/** Starts a workers' process with a dashboard. */
export async function startDashboard(
  service: Service,
  settings: NodeJS.ProcessEnv = {},
): Promise<{ url: string; workers: Running }> {
  const port = await freePort("127.0.0.1");
  const workers = await service.startWorkers({
    ADMIN_PORT: String(port),
    ADMIN_PASSWORD_HASH: await hashPassword(PASSWORD),
    ...settings,
  });
  return { url: `http://127.0.0.1:${port}`, workers };
}

export class Operator {
  readonly url: string;
  cookie = "";

  constructor(url: string) {
    this.url = url;
  }

  static async signedIn(url: string): Promise<Operator> {
    const operator = new Operator(url);
    assert.equal((await operator.signIn(PASSWORD)).status, 303);
    return operator;
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(`${this.url}${path}`, {
      redirect: "manual",
      ...init,
      headers: { origin: this.url, cookie: this.cookie, ...init.headers },
    });
    for (const cookie of response.headers.getSetCookie()) {
      this.cookie = cookie.split(";", 1)[0] as string;
    }
    return response;
  }

  signIn(password: string, headers: Record<string, string> = {}): Promise<Response> {
    const body = new URLSearchParams({ password });
    return this.fetch("/admin/sign-in", { method: "POST", body, headers });
  }

  /** A queue as the board shows it. */
  // biome-ignore lint/suspicious/noExplicitAny: Bull Board's JSON, whose shape the tests assert
  async queue(name: string, status = "latest"): Promise<any> {
    const query = `activeQueue=${name}&status=${status}&page=1&jobsPerPage=50`;
    const response = await this.fetch(`/admin/queues/api/queues?${query}`);
    assert.equal(response.status, 200);
    const { queues } = (await response.json()) as { queues: { name: string }[] };
    return queues.find((queue) => queue.name === name);
  }
}
