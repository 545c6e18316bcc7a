/** What a process tells Prometheus, taken apart. */
import assert from "node:assert/strict";

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export async function textOf(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain/);
  return response.text();
}

export async function samplesOf(port: number): Promise<Sample[]> {
  const lines = (await textOf(port)).split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map(sampleIn);
}

function sampleIn(line: string): Sample {
  const [, name = "", inner = "", value = ""] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  assert.notEqual(name, "", `no sample: ${line}`);
  const pairs = [...inner.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}

/** The value of the sample that has all these labels; 0 where there is none. */
export const figureOf = (
  samples: Sample[],
  name: string,
  labels: Record<string, string> = {},
): number =>
  samples.find(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
  )?.value ?? 0;
