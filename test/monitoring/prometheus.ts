/** The real Prometheus: Debian's package, or whatever is installed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { installDebianPackage, programsNamed } from "../../src/infra/embedded/debian-package.ts";
import { freePort } from "../../src/infra/embedded/processes.ts";
import { eventually } from "../service.ts";

/** The program's path. @throws Error when it is not here and cannot be installed. */
export async function prometheusProgram(name: "prometheus" | "promtool"): Promise<string> {
  const [path] = programsNamed([name]);
  if (path !== undefined) return path;
  const installed = await installDebianPackage("prometheus", console.error);
  const [after] = installed ? programsNamed([name]) : [];
  if (after === undefined) throw new Error(`${name} is not on the PATH: install Prometheus.`);
  return after;
}

interface Result {
  metric: Record<string, string>;
  value: [time: number, value: string];
}

interface Rule {
  name: string;
  health: string;
  state: "inactive" | "pending" | "firing";
  lastError?: string;
}

export class Prometheus {
  readonly #url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.#url = url;
    this.#child = child;
  }

  /** @param dir has `prometheus.yml` and what it names; the data goes there, too. */
  static async start(dir: string): Promise<Prometheus> {
    const address = `127.0.0.1:${await freePort("127.0.0.1")}`;
    const options = [
      `--config.file=${join(dir, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(dir, "data")}`,
      `--web.listen-address=${address}`,
      "--log.level=error",
    ];
    const child = spawn(await prometheusProgram("prometheus"), options, {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const prometheus = new Prometheus(`http://${address}`, child);
    await eventually(async () => {
      const { ok } = await fetch(`http://${address}/-/ready`);
      if (!ok) throw new Error("Prometheus is not ready");
    }, 20_000);
    return prometheus;
  }

  /** The values of an expression as it is now. @throws Error with what is wrong in it. */
  async query(expression: string): Promise<number[]> {
    const { result } = await this.#get<{ result: Result[] }>("query", { query: expression });
    return result.map(({ value }) => Number(value[1]));
  }

  async rules(): Promise<Rule[]> {
    const { groups } = await this.#get<{ groups: { rules: Rule[] }[] }>("rules");
    return groups.flatMap(({ rules }) => rules);
  }

  async #get<T>(what: string, parameters: Record<string, string> = {}): Promise<T> {
    const query = new URLSearchParams(parameters);
    const response = await fetch(`${this.#url}/api/v1/${what}?${query}`);
    const { data, error } = (await response.json()) as { data: T; error?: string };
    if (error !== undefined) throw new Error(`${error}\nin ${JSON.stringify(parameters)}`);
    return data;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill();
    await once(this.#child, "exit");
  }
}
