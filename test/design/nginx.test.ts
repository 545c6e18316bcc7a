import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { STATUS_OF } from "../../src/contract/errors.ts";

const root = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");

describe("nginx's configuration", () => {
  it("passes on every header that the service reads", () => {
    const files = globSync("src/{http,live}/**/*.ts", { cwd: root });
    const texts = files.map(read);
    const names = texts.flatMap((text) =>
      [...text.matchAll(/getHeader\("([^"]+)"\)|headers\["([^"]+)"\]/g)].map(
        ([, one, other]) => one ?? other,
      ),
    );
    assert.ok(names.includes("api-key") && names.includes("x-forwarded-for"));
    const passed = [...read("nginx/proxy.conf").matchAll(/^proxy_set_header (\S+)/gm)].map(
      ([, name = ""]) => name.toLowerCase(),
    );
    // nginx compresses what it sends.
    const byNginxItself = ["content-length", "accept-encoding"];
    assert.deepEqual(
      names.filter((name = "") => ![...passed, ...byNginxItself].includes(name)),
      [],
    );
  });

  it("names errors by the types of the error table", () => {
    const [, types = ""] = /map \$status \$error_type \{(.*?)\}/s.exec(
      read("nginx/error-forms.conf"),
    ) as RegExpExecArray;
    const lines = [...types.matchAll(/^\s+(\w+) (\w+);$/gm)];
    assert.ok(lines.length >= 10);
    for (const [, status, type = ""] of lines) {
      const known = STATUS_OF[type as keyof typeof STATUS_OF];
      assert.ok(known !== undefined, type);
      // A gateway has more ways of being without an answer.
      if (status !== "default" && known < 500) assert.equal(String(known), status, type);
    }
  });
});
