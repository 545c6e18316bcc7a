/**
 * Closes sockets whose key is no longer good, within a second.
 *
 * A revoked key closes its sockets by an event. Here is what no event tells: that the time of a key
 * has come. So every socket is looked at twice a second: at its key's time, and at the change clock,
 * after whose touch the key is looked up anew (a rotation gives the old key a time; a follow costs
 * one look-up for nothing).
 */
import { Problem } from "../contract/errors.ts";
import type { LiveSocket } from "../infra/live-publisher.ts";
import type { LiveServer } from "../infra/live-server.ts";
import type { Context } from "../services/context.ts";
import { hasExpired, type People, type Person } from "../services/people.ts";

const CHECK_MS = 500;
/** So many keys are looked up at once. */
const LOOK_UPS_AT_ONCE = 50;

interface Admission {
  key: string;
  person: Person;
  /** The change clock's time before the key was looked up. */
  stamp: number;
}

/** Watches the keys of this process' sockets from now on. */
export function closeSocketsWithTheirKeys(
  server: LiveServer,
  { clock, log }: Pick<Context, "clock" | "log">,
  people: People,
): void {
  const admissions = new WeakMap<LiveSocket, Admission>();

  const isCurrent = ({ stamp, person }: Admission): boolean =>
    clock.isFresh(stamp, "user", person.id);

  const lookUp = async (socket: LiveSocket): Promise<void> => {
    const key = admissions.get(socket)?.key ?? keyOf(socket);
    const stamp = clock.now;
    try {
      admissions.set(socket, { key, stamp, person: await people.authenticate(key) });
    } catch (error) {
      if (error instanceof Problem && error.type === "Unauthorized") socket.disconnect(true);
      else log.debug({ err: error }, "a socket's key could not be looked up; tried again soon");
    }
  };

  const checkAll = async (): Promise<void> => {
    const unsure: LiveSocket[] = [];
    for (const socket of server.of("/").sockets.values()) {
      const admission = admissions.get(socket);
      if (admission && hasExpired(admission.person)) socket.disconnect(true);
      else if (!admission || !isCurrent(admission)) unsure.push(socket);
    }
    for (let i = 0; i < unsure.length; i += LOOK_UPS_AT_ONCE) {
      await Promise.all(unsure.slice(i, i + LOOK_UPS_AT_ONCE).map(lookUp));
    }
  };

  const turn = (): void => {
    setTimeout(() => void checkAll().finally(turn), CHECK_MS).unref();
  };
  turn();
}

/** The key that the client gave when it connected; empty when it gave none. */
export function keyOf({ handshake }: Pick<LiveSocket, "handshake">): string {
  const { apiKey } = handshake.auth;
  return typeof apiKey === "string" ? apiKey : "";
}
