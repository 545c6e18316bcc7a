import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { REST_TYPES, restTypes } from "../../src/client-types.ts";

describe("the types of the typed client", () => {
  it("are those of the routes (else: npm run generate)", async () => {
    assert.equal(readFileSync(REST_TYPES, "utf8"), await restTypes());
  }).timeout(20_000);
});
