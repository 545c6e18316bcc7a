import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { ROOT } from "./compose-file.ts";
import { readDockerfile } from "./dockerfile.ts";

const PROGRAMS = [
  "src/main.ts",
  "workers/main.ts",
  "src/migrate.ts",
  "src/users.ts",
  "src/admin-password.ts",
  "src/backup.ts",
  "src/restore.ts",
  "src/health-check.ts",
];
const dockerfile = readDockerfile();

/** All that a program imports from its start, by file and by package; not what is loaded later
 * on demand, as the embedded stores are. */
function importsOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(join(ROOT, file), "utf8");
  for (const [, types, name = ""] of text.matchAll(
    /^(?:import|export)\s(type\s)?[^;]*?from "([^"]+)";|^import "([^"]+)";/gm,
  )) {
    if (types || name === "" || name.startsWith("node:")) continue;
    if (name.startsWith(".")) importsOf(normalize(join(dirname(file), name)), seen);
    else seen.add(/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] as string);
  }
  return seen;
}

describe("the Dockerfile", () => {
  it("begins with the Node and the system that uWebSockets.js runs on", () => {
    assert.equal(dockerfile.stage("base").from, "node:24-trixie-slim");
    assert.match(
      JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).engines.node,
      /\^24\./,
    );
  });

  it("runs as a user without rights, by exec form, and stops by a signal that is heard", () => {
    for (const name of ["api", "workers", "tools"]) {
      const { user, stopSignal, command, env, workdir } = dockerfile.target(name);
      assert.deepEqual([user, stopSignal, workdir], ["node", "SIGTERM", "/app"], name);
      assert.equal(command[0], "node");
      assert.deepEqual(env, { NODE_ENV: "production", DATA_DIR: "/data" });
    }
    assert.equal(dockerfile.target("nginx").user, "nginx");
  });

  it("installs the packages before the sources come, so that they are kept", () => {
    for (const name of ["dependencies", "client"]) {
      const [first, second] = dockerfile.stage(name).steps;
      assert.deepEqual(first?.args, ["package.json", "package-lock.json", "./"]);
      assert.match(second?.text ?? "", /^npm ci --(omit|include)=dev /);
    }
    assert.match(dockerfile.stage("dependencies").steps[1]?.text ?? "", /--omit=dev/);
  });

  it("has every package that its programs import among those of production", () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    for (const program of PROGRAMS) {
      const packages = [...importsOf(program)].filter((name) => !name.endsWith(".ts"));
      const missing = packages.filter((name) => !(name in dependencies));
      assert.deepEqual(missing, [], program);
    }
    assert.ok(importsOf("src/main.ts").size > 60);
  });

  it("needs nothing of the clone but what .dockerignore lets in", () => {
    const ignore = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
    assert.equal(
      ignore.find((line) => line && !line.startsWith("#")),
      "*",
    );
    const copied = dockerfile.stages
      .flatMap(({ steps }) => steps)
      .filter(({ keyword, flags }) => keyword === "COPY" && !flags.from)
      .flatMap(({ args }) => args.slice(0, -1));
    for (const path of copied) assert.ok(ignore.includes(`!${path}`), path);
  });
});
