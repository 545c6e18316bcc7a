/** Whose address does a call come from, and as what is it counted? */
import ipaddr from "ipaddr.js";

/** A provider gives each customer a whole /64 at least: all of its addresses are one client. */
const IPV6_PREFIX_GROUPS = 4;

/** The client's address in the form in which it is counted: an IPv4 address, or the /64 of an IPv6
 * address; what is no address stays as it is.
 * @param peer the other end of the connection.
 * @param forwardedFor the header `X-Forwarded-For`: each proxy adds at the end whom it served.
 * @param trustedProxies how many proxies stand in front. What is left of their entries may have
 * been written by the client, and is not believed. */
export function clientAddress(
  peer: string,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string {
  if (trustedProxies === 0 || !forwardedFor) return counted(peer);
  const hops = [...forwardedFor.split(","), peer];
  return counted(hops[Math.max(0, hops.length - 1 - trustedProxies)] as string);
}

function counted(text: string): string {
  const bare = withoutPort(text.trim());
  if (!ipaddr.isValid(bare)) return bare;
  const address = ipaddr.process(bare); // an IPv4 address within IPv6 becomes plain
  if (address instanceof ipaddr.IPv4) return address.toString();
  const groups = address.parts.slice(0, IPV6_PREFIX_GROUPS).map((group) => group.toString(16));
  return `${groups.join(":")}::/64`;
}

/** Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
const withoutPort = (text: string): string =>
  /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
