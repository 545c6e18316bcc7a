import assert from "node:assert/strict";
import { fillLarge, type Scale } from "../../bench/large-data.ts";
import { explainAll } from "../../bench/query-plans.ts";
import { Service } from "../service.ts";

/** `npm run bench -- plans` shows the same queries, and which plans are chosen, at a million tweets. */
const SCALE: Scale = {
  people: 1000,
  tweets: 5000,
  likes: 50_000,
  pictures: 5000,
  events: 10_000,
};

describe("every query", function () {
  this.timeout(60_000);
  let service: Service;
  before(async () => {
    service = await Service.start({ apis: 0, workers: 0 });
    await fillLarge(service.environment.DATABASE_URL as string, SCALE);
  });
  after(() => service.stop());

  it("has an index for each of its tables", async () => {
    const url = service.environment.DATABASE_URL as string;
    // In tables as small as here, reading all can be the cheaper way; with this, it is the last.
    const plans = await explainAll(url, SCALE, { enable_seqscan: "off" });
    assert.deepEqual(
      plans.filter(({ scanned }) => scanned.length > 0),
      [],
    );
  });

  it("that a foreign key makes has an index which begins with its columns", async () => {
    const { rows } = await service.db.query(
      `select conname from pg_constraint c
        where contype = 'f' and connamespace = 'public'::regnamespace
          and not exists (select from pg_index i
                           where i.indrelid = c.conrelid and i.indpred is null
                             and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] = c.conkey)`,
    );
    assert.deepEqual(rows, []);
  });
});
