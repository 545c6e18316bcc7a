/** A small deterministic generator, so that every run measures the same data. */

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state, good enough for made-up data.
 * @returns a function that gives numbers from 0 (in) to 1 (out). */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
