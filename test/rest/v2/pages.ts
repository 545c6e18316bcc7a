/** Turning the pages of part 2. */
import assert from "node:assert/strict";
import { TweetPageV2 } from "../../../src/contract/schemas-v2.ts";
import type { Answer, Service, TestUser } from "../../service.ts";

export const idsOf = (rows: { id: number }[]): number[] => rows.map(({ id }) => id);

export async function tweetPage(service: Service, user: TestUser, path: string, api = 0) {
  const answer = await service.call(user, "GET", path, undefined, api);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return TweetPageV2.parse(answer.body);
}

/** Follows the cursors to the end.
 * @param path has a query. @param apiOf which process answers the page of this number. */
export async function allPages<Page extends { next_cursor: string | null }>(
  page: (path: string, number: number) => Promise<Page>,
  path: string,
  cursor?: string | null,
): Promise<Page[]> {
  const pages: Page[] = [];
  let next = cursor;
  do {
    const after = next ? `&cursor=${next}` : "";
    const read = await page(path + after, pages.length);
    pages.push(read);
    next = read.next_cursor;
  } while (next !== null);
  return pages;
}

export function failsWith(answer: Answer, status: number, type: string, message?: RegExp): void {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.deepEqual(Object.keys(answer.body), ["result", "error_type", "error_message"]);
  assert.equal(answer.body.result, false);
  assert.equal(answer.body.error_type, type);
  if (message) assert.match(answer.body.error_message, message);
}

/** Tweets beside the API, as many as a test of paging needs: one a minute, oldest first, liked by
 * nobody. What is in Redis is not told, so no feed may have been read before. */
export async function insertTweets(
  service: Service,
  author: TestUser,
  count: number,
): Promise<number[]> {
  const { rows } = await service.db.query(
    `insert into tweets (author_id, content, created_at)
     select $1, 'tweet ' || i, now() - ($2::int - i) * interval '1 minute'
       from generate_series(1, $2::int) i returning id`,
    [author.id, count],
  );
  return idsOf(rows);
}
