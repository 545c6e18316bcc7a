import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** What may import what: downwards, or sideways within a level (DESIGN, rule 7). */
const LEVELS: [level: number, prefix: string][] = [
  [0, "src/contract/"],
  [0, "src/base/"],
  [1, "src/infra/"],
  [1, "src/entities/"],
  [2, "src/services/"],
  [3, "src/http/"],
  [3, "src/live/"],
  [3, "workers/admin/"],
  [3, "workers/jobs/"],
  [4, "src/"],
  [4, "workers/"],
];

const root = join(import.meta.dirname, "../..");
const files = globSync(["src/**/*.ts", "workers/**/*.ts"], { cwd: root }).sort();
const textOf = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
const levelOf = (file: string): number =>
  LEVELS.find(([, prefix]) => file.startsWith(prefix))?.[0] as number;

/** Every import of a file, dynamic ones and types too. */
function importsOf(file: string): { of: string; name: string }[] {
  const text = textOf.get(file) as string;
  const found = text.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g);
  return [...found].map(([, name = ""]) => ({
    name,
    of: name.startsWith(".") ? normalize(join(dirname(file), name)) : "",
  }));
}

/** The files whose text has the pattern, but for those that are allowed to. */
const filesWith = (pattern: RegExp, ...allowed: string[]): string[] =>
  files.filter(
    (file) => pattern.test(textOf.get(file) as string) && !allowed.some((a) => file.startsWith(a)),
  );

describe("the layers", () => {
  it("import downwards or sideways only", () => {
    assert.ok(files.length > 50);
    const upwards = files.flatMap((file) =>
      importsOf(file)
        .filter(({ of }) => of !== "" && levelOf(of) > levelOf(file))
        .map(({ of }) => `${file} -> ${of}`),
    );
    assert.deepEqual(upwards, []);
  });

  it("have no circle of imports", () => {
    const done = new Set<string>();
    const visit = (file: string, path: string[]): void => {
      const start = path.indexOf(file);
      assert.equal(start, -1, `circle: ${[...path.slice(start), file].join(" -> ")}`);
      if (done.has(file)) return;
      for (const { of } of importsOf(file)) if (of !== "") visit(of, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });

  it("keep services apart from HTTP, sockets and queues", () => {
    const banned = ["uWebSockets.js", "socket.io", "bullmq", "ioredis"];
    const found = files
      .filter((file) => file.startsWith("src/services/"))
      .filter((file) => importsOf(file).some(({ name }) => banned.includes(name)));
    assert.deepEqual(found, []);
  });

  it("read settings in base/config alone (PATH, where programs are, is none)", () => {
    const readers = filesWith(/process\.env(\.(?!PATH\b)|\[|;)/, "src/base/config.ts");
    assert.deepEqual(readers, []);
  });

  it("emit to sockets in the live publisher alone", () => {
    assert.deepEqual(filesWith(/\.emit\(|\.emitWithAck\(/, "src/infra/live-publisher.ts"), []);
  });

  it("keep SQL in infra and entities", () => {
    const sql = /\b(select\s.+\sfrom|insert into|delete from|update \w+ set)\b/i;
    assert.deepEqual(filesWith(sql, "src/infra/", "src/entities/"), []);
  });

  it("know HTTP status codes in the error table and in src/http alone", () => {
    assert.deepEqual(filesWith(/\b(4\d\d|503)\b[,:]/, "src/http/", "src/contract/errors.ts"), []);
  });

  it("let the web client import types from src/contract, and nothing else of the server", () => {
    const client = globSync("client/{api,app}/**/*.{ts,vue}", { cwd: root });
    assert.ok(client.length > 30);
    const found = client.flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8");
      const statements = text.matchAll(/\b(import|export)\s(type\s)?[^;]*?from\s+"(\.[^"]+)"/g);
      return [...statements]
        .map(([, , type, name = ""]) => ({ type, of: normalize(join(dirname(file), name)) }))
        .filter(({ type, of }) => !of.startsWith("client/") && !(type && isContract(of)))
        .map(({ of }) => `${file} -> ${of}`);
    });
    assert.deepEqual(found, []);
  });
});

const isContract = (file: string): boolean => file.startsWith("src/contract/");
