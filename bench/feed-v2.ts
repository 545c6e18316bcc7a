/** `GET /api/v2/feed`, pages of 20, against a server that answers the same number of constant
 * bytes. */
import { compareRates } from "./compare.ts";
import { answerOf, sideOf, sizeOf } from "./feed.ts";
import { type Bench, Installation, type Served, startServer } from "./installation.ts";
import { inTurn, requestOf } from "./load.ts";
import { keyOf, PEOPLE, READER_ID } from "./seed.ts";
import { type Row, whole } from "./table.ts";

const BARE = "/page";
const pathOf = (sort: string): string => `/api/v2/feed?sort=${sort}&limit=20`;

export async function measureFeedV2(bench: Bench): Promise<Row[]> {
  const warble = await Installation.open(bench);
  try {
    const api = await warble.startApi();
    const answer = await answerOf(api, pathOf("popular"));
    const bare = await startServer(bench, "bench/bare-http.ts", { [BARE]: answer });
    const rows: Row[] = [];
    const measure = async (what: string, server: Served, requests: Buffer[]) => {
      bench.say(`v2: ${what} …`);
      const ofBare = inTurn([requestOf("GET", BARE, "")]);
      rows.push(
        await compareRates(
          what,
          sideOf(server, inTurn(requests)),
          sideOf(bare, ofBare),
          `${whole(sizeOf(answer))} bytes`,
        ),
      );
    };
    const ofReader = (path: string) => [requestOf("GET", path, keyOf(READER_ID))];
    const ofEveryone = (path: string) =>
      Array.from({ length: PEOPLE }, (_, i) => requestOf("GET", path, keyOf(i + 1)));

    for (const sort of ["popular", "new", "hot"]) {
      await measure(`v2 feed, ${sort}, first page of 20`, api, ofReader(pathOf(sort)));
    }
    for (const sort of ["popular", "new", "hot"]) {
      const next = `${pathOf(sort)}&cursor=${await cursorOf(api, sort)}`;
      await measure(`v2 feed, ${sort}, page after a cursor`, api, ofReader(next));
    }
    await api.stop();

    const cold = await warble.startApi({ CACHE_MAX_BYTES: "0" });
    for (const sort of ["popular", "new", "hot"]) {
      const what = `v2 feed, ${sort}, first page, nothing kept in the process`;
      await measure(what, cold, ofEveryone(pathOf(sort)));
    }
    await bare.stop();
    return rows;
  } finally {
    await warble.close();
  }
}

async function cursorOf(api: Served, sort: string): Promise<string> {
  const { body } = await answerOf(api, pathOf(sort));
  return JSON.parse(Buffer.from(body).toString()).next_cursor;
}
