/** How long to wait before a connection is tried again, so that a server that comes back is not met
 * by everybody at once. */

/** Before the first try, ms; it doubles from there. */
export const FIRST_WAIT_MS = 500;
export const LONGEST_WAIT_MS = 15_000;
/** A wait is longer or shorter by up to this share, at random. */
export const RANDOM_SHARE = 0.5;

/** Milliseconds to wait after so many failed attempts. */
export function backOff(attempts: number): number {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts);
  return wait * (1 + RANDOM_SHARE * (2 * Math.random() - 1));
}
