/** Fair comparison: both sides in turn within one run, so that a machine's moods meet both. */

export const median = (values: number[]): number => quantile(values, 0.5);

/** @param q from 0 to 1; linear between the two nearest values. */
export function quantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = q * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

/** Runs A, B, A, B, …, after one round of each that is not counted.
 * @returns the counted rounds of both. */
export async function alternate<A, B>(
  rounds: number,
  a: () => Promise<A>,
  b: () => Promise<B>,
): Promise<{ a: A[]; b: B[] }> {
  const results: { a: A[]; b: B[] } = { a: [], b: [] };
  for (let round = 0; round <= rounds; round++) {
    const ofA = await a();
    const ofB = await b();
    if (round === 0) continue; // connections, compiled code and caches were cold
    results.a.push(ofA);
    results.b.push(ofB);
  }
  return results;
}
