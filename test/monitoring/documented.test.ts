import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";

interface Rules {
  groups: { rules: { alert?: string; annotations?: { action?: string } }[] }[];
}
const read = (file: string): string =>
  readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

describe("docs/operations.md", () => {
  it("tells of every alert what to do, in the words of the alert", () => {
    const text = read("docs/operations.md");
    const { groups } = parse(read("monitoring/prometheus/alerts.yml")) as Rules;
    const alerts = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert);
    assert.ok(alerts.length > 20);
    for (const { alert, annotations } of alerts) {
      const line = text.split("\n").find((each) => each.startsWith(`| \`${alert}\` `));
      assert.ok(line, `${alert} is not in it`);
      const action = annotations?.action?.trim() ?? assert.fail(`${alert} has no action`);
      if (!action.includes("{{")) assert.ok(line.includes(action), `${alert}: other words`);
    }
  });
});
