import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig, SETTINGS } from "../../src/base/config.ts";
import { envExample, loadCompose, ROOT, SECRETS, variables } from "./compose-file.ts";

const compose = loadCompose();

describe(".env.example", () => {
  it("explains every variable of docker-compose.yml, and no others", () => {
    const explained = envExample().map(({ name }) => name);
    assert.deepEqual(explained.toSorted(), [...variables].sort());
  });

  it("shows the defaults as they are", () => {
    const shown = envExample().filter(({ set }) => !set);
    assert.ok(shown.length > 15);
    for (const { name, value } of shown) {
      const api = (env: Record<string, string>) => loadCompose(env).services.api?.environment ?? {};
      const settings = (env: Record<string, string>) =>
        loadConfig(api({ ...SECRETS, ...env }) as Record<string, string>);
      if (SETTINGS.includes(name))
        assert.deepEqual(settings({ [name]: value }), settings({}), name);
      else assert.deepEqual(loadCompose({ ...SECRETS, [name]: value }), compose, name);
    }
  });

  it("together with README explains every setting that docker-compose.yml leaves open", () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const explained = new Set(envExample().map(({ name }) => name));
    const api = compose.services.api?.environment ?? {};
    const missing = SETTINGS.filter(
      (name) => !explained.has(name) && !api[name] && !readme.includes(`\`${name}\``),
    );
    assert.deepEqual(missing, []);
  });
});
