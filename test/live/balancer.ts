/** A load balancer that cuts: every connection goes to one of the servers that are up, chosen at
 * random, and may be torn in the middle of whatever it carries. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export class Balancer {
  readonly #server = createServer((client) => void this.#carry(client));
  readonly #open = new Set<Socket>();
  readonly #ports: () => number[];

  /** @param ports of the servers that are to be tried now. */
  constructor(ports: () => number[]) {
    this.#ports = ports;
  }

  /** @returns its address. */
  async start(): Promise<string> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Tears the share (0 to 1) of the connections that `random` picks. @returns how many. */
  cut(share: number, random: () => number): number {
    const torn = [...this.#open].filter(() => random() < share);
    for (const client of torn) client.destroy();
    return torn.length;
  }

  stop(): void {
    this.#server.close();
    for (const client of this.#open) client.destroy();
  }

  #carry(client: Socket): void {
    const ports = this.#ports();
    const server = connect(ports[Math.floor(Math.random() * ports.length)] ?? 1, "127.0.0.1");
    this.#open.add(client);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.pipe(to);
      from.on("error", () => undefined);
      from.on("close", () => to.destroy());
    }
    client.on("close", () => this.#open.delete(client));
  }
}
