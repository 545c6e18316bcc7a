import assert from "node:assert/strict";
import { mulberry32 } from "../bench/random.ts";
import { Problem } from "../src/contract/errors.ts";
import { MAX_ID } from "../src/contract/schemas.ts";
import { decodeCursor, encodeCursor } from "../src/services/cursors.ts";

describe("cursors", () => {
  const random = mulberry32(1);
  const ranking = (count: number, below: number): number[] =>
    Array.from({ length: count }, () => 1 + Math.floor(random() * below));
  const isRefused = (list: "popular" | "hot", cursor: string) =>
    assert.throws(
      () => decodeCursor(list, cursor),
      (error) => error instanceof Problem && error.type === "ValidationError",
      cursor,
    );

  it("give back the ids that they were made of, the extremes too", () => {
    const extremes = [MAX_ID, 1, MAX_ID, MAX_ID - 1, 2, 1];
    for (const ids of [[1], [MAX_ID], extremes, ranking(499, 30_000), ranking(499, 1_000_000)]) {
      assert.deepEqual(decodeCursor("popular", encodeCursor("popular", ids)), { ids, text: "" });
    }
    const named = encodeCursor("people", [7], "жанна");
    assert.deepEqual(decodeCursor("people", named), { ids: [7], text: "жанна" });
  });

  it("carry 499 ids that are up to a hundred million apart, and never outgrow a URL", () => {
    const spread = ranking(499, 100_000_000);
    const wide = encodeCursor("hot", spread);
    assert.deepEqual(decodeCursor("hot", wide).ids, spread);
    const widest = Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? 1 : MAX_ID));
    for (const cursor of [wide, encodeCursor("hot", widest)]) assert.ok(cursor.length <= 2672);
    const { ids } = decodeCursor("hot", encodeCursor("hot", widest));
    assert.ok(ids.length < 500);
    assert.deepEqual(ids, widest.slice(0, ids.length), "the first ones are carried");
  });

  it("are refused when they were cut off, at whatever place, or belong to another list", () => {
    const cursor = encodeCursor("popular", ranking(40, 30_000));
    for (let length = 0; length < cursor.length; length++) {
      isRefused("popular", cursor.slice(0, length));
    }
    isRefused("hot", cursor);
    isRefused("popular", `${cursor}AA`);
    isRefused("popular", Buffer.from([1, 1, 1, 0]).toString("base64url")); // the id 0
  });
});
