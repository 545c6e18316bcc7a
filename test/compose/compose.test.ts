import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import ajvFormats from "ajv-formats";
import { loadConfig, SETTINGS } from "../../src/base/config.ts";
import { type ComposeService, composeText, loadCompose, ROOT, SECRETS } from "./compose-file.ts";
import { readDockerfile } from "./dockerfile.ts";

/** The specification's schema, as the linter of compose files brings it. */
const SCHEMA = join(ROOT, "node_modules/dclint/schemas/compose.schema.json");

const compose = loadCompose();
const services = Object.entries(compose.services);
const dockerfile = readDockerfile();
const service = (name: string): ComposeService => {
  const found = compose.services[name];
  assert.ok(found, `no service ${name}`);
  return found;
};
/** What is built from our own sources; nginx takes no settings of ours. */
const programs = services.filter(([name, { build }]) => build && name !== "nginx");
const isOneShot = ([name, { profiles }]: [string, ComposeService]): boolean =>
  name === "migrate" || profiles !== undefined;
const lasting = services.filter((each) => !isOneShot(each));

describe("docker-compose.yml", () => {
  let validate: ValidateFunction;
  before(() => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    ajvFormats.default(ajv);
    ajv.addFormat("ports", true); // formats of Compose's own; the ports are checked below
    ajv.addFormat("expose", true);
    ajv.addFormat("subnet_ip_address", true);
    const schema = JSON.parse(readFileSync(SCHEMA, "utf8"));
    delete schema.$schema; // an address that ajv does not know by this spelling: it is draft 7
    validate = ajv.compile(schema);
  });

  it("is valid by the Compose Specification", () => {
    assert.ok(validate(compose), JSON.stringify(validate.errors, null, 2));
    // The schema does see a fault.
    assert.ok(!validate({ services: { api: { imagee: "x" } } }));
  });

  it("has all containers, at the ports that are promised", () => {
    assert.deepEqual(lasting.map(([name]) => name).sort(), [
      "api",
      "grafana",
      "nginx",
      "postgresql",
      "prometheus",
      "redis",
      "redis-queues",
      "workers",
    ]);
    const published = Object.fromEntries(
      services.flatMap(([name, { ports }]) => (ports ? [[name, ports]] : [])),
    );
    assert.deepEqual(published, {
      postgresql: ["127.0.0.1:5433:5432"],
      nginx: ["80:80"],
      prometheus: ["127.0.0.1:9090:9090"],
      grafana: ["127.0.0.1:3000:3000"],
    });
    assert.deepEqual(dockerfile.target("api").ports, ["8000", "9100"]);
    assert.deepEqual(dockerfile.target("workers").ports, ["9100", "9200"]);
  });

  it("asks each lasting container whether it is well, and starts it again", () => {
    for (const [name, { restart, build, healthcheck }] of lasting) {
      assert.equal(restart, "unless-stopped", name);
      const test = build ? dockerfile.target(build.target).healthCheck : healthcheck?.test.slice(1);
      assert.ok(test && test.length > 1, `${name} has no health check`);
    }
  });

  it("starts in order: stores, tables, API and workers, nginx", () => {
    const conditions = (name: string) =>
      Object.entries(service(name).depends_on ?? {}).map(([of, { condition }]) => [of, condition]);
    assert.deepEqual(conditions("migrate"), [["postgresql", "service_healthy"]]);
    for (const name of ["api", "workers"]) {
      assert.deepEqual(conditions(name), [
        ["migrate", "service_completed_successfully"],
        ["redis", "service_healthy"],
        ["redis-queues", "service_healthy"],
      ]);
    }
    assert.deepEqual(conditions("nginx"), [["api", "service_healthy"]]);
    assert.deepEqual(conditions("grafana"), [["prometheus", "service_healthy"]]);
  });

  it("lets no container write to its root, gain rights, or take the whole machine", () => {
    for (const [name, each] of services) {
      assert.equal(each.read_only, true, name);
      assert.deepEqual(each.cap_drop, ["ALL"], name);
      assert.deepEqual(each.security_opt, ["no-new-privileges:true"], name);
      const { cpus, memory, pids } = each.deploy?.resources.limits ?? {};
      assert.ok(cpus && memory && pids, `${name} has no limits`);
      assert.ok(
        each.tmpfs?.some((mount) => mount.startsWith("/tmp:size=")),
        name,
      );
      const user = each.build ? dockerfile.target(each.build.target).user : each.user;
      // Those two images have an unprivileged user themselves.
      if (!["prometheus", "grafana"].includes(name)) assert.ok(user && user !== "root", name);
    }
  });

  it("keeps what has to be kept in volumes with names", () => {
    const mounts = (name: string) =>
      (service(name).volumes ?? []).map((volume) =>
        typeof volume === "string"
          ? volume
          : `${volume.source}:${volume.target}${volume.read_only ? ":ro" : ""}`,
      );
    assert.deepEqual(mounts("postgresql"), ["database:/var/lib/postgresql"]);
    assert.deepEqual(mounts("redis"), []);
    assert.deepEqual(mounts("redis-queues"), ["queues:/data"]);
    for (const name of ["api", "workers"]) assert.deepEqual(mounts(name), ["data:/data"]);
    assert.deepEqual(mounts("nginx"), [
      "./nginx:/etc/nginx/warble:ro",
      "data:/srv/warble/media:ro",
    ]);
    assert.deepEqual(mounts("backup"), ["data:/data:ro", "backups:/backups"]);
    assert.deepEqual(mounts("restore"), ["data:/data", "backups:/backups:ro"]);
    const named = services
      .flatMap(([name]) => mounts(name).map((mount) => mount.split(":")[0] as string))
      .filter((source) => !source.startsWith("./"));
    assert.deepEqual(Object.keys(compose.volumes).sort(), [...new Set(named)].sort());
  });

  it("keeps the stores away from nginx and Grafana", () => {
    for (const name of ["postgresql", "redis", "redis-queues"]) {
      assert.deepEqual(service(name).networks, ["stores"]);
    }
    for (const name of ["nginx", "grafana", "prometheus"]) {
      assert.deepEqual(service(name).networks, ["web"]);
    }
  });

  it("gives our programs settings that they know, and takes", () => {
    assert.ok(programs.length >= 6);
    for (const [name, { environment = {} }] of programs) {
      const unknown = Object.keys(environment).filter((each) => !SETTINGS.includes(each));
      assert.deepEqual(unknown, [], name);
      const config = loadConfig(environment as Record<string, string>);
      assert.equal(config.databaseUrl, "postgres://warble:secret1@postgresql:5432/warble");
      assert.equal(config.redisUrl, "redis://:secret2@redis:6379");
      assert.equal(config.queueRedisUrl, "redis://:secret2@redis-queues:6379");
      assert.deepEqual([config.trustedProxies, config.development], [1, false]);
    }
  });

  it("runs programs that are there, from targets that are there", () => {
    for (const [name, { build, entrypoint }] of programs) {
      const { command } = dockerfile.target(build?.target as string);
      const [node, file = ""] = entrypoint ?? command;
      assert.equal(node, "node", name);
      assert.ok(existsSync(join(ROOT, file)), `${name}: ${file}`);
    }
  });

  it("does not start without passwords, and says what to do", () => {
    for (const name of Object.keys(SECRETS)) {
      const env = { ...SECRETS, [name]: "" };
      assert.throws(() => loadCompose(env), /is not set - copy \.env\.example to \.env first/);
    }
    assert.doesNotMatch(composeText, /password:\s*\w/i, "a password in the file");
  });
});
