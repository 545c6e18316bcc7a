/** Whose address does a socket come from, and as what is it counted? */
import { clientAddress } from "../base/client-address.ts";
import type { Config } from "../base/config.ts";
import type { LiveSocket } from "../infra/live-publisher.ts";

export function clientOf(
  { handshake }: Pick<LiveSocket, "handshake">,
  { trustedProxies }: Pick<Config, "trustedProxies">,
): string {
  const { address, headers } = handshake;
  return clientAddress(address, headers["x-forwarded-for"]?.toString(), trustedProxies);
}
