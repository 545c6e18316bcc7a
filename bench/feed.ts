/** `GET /api/tweets` against a server that answers the same number of constant bytes. */
import type { Constant } from "./bare-http.ts";
import { compareRates, type Side } from "./compare.ts";
import { type Bench, Installation, type Served, startServer } from "./installation.ts";
import { inTurn, load, requestOf, type Script } from "./load.ts";
import { memoryRow } from "./memory.ts";
import { keyOf, PEOPLE, READER_ID } from "./seed.ts";
import { type Row, whole } from "./table.ts";

const SECONDS = 2;
const CONNECTIONS = 64;

const PAGE = "/api/tweets?offset=1&limit=20";
const WINDOW = "/api/tweets";
/** The paths on the bare server. */
const BARE_PAGE = "/page";
const BARE_WINDOW = "/window";

/** uWebSockets.js writes these itself. */
const OWN_HEADERS = new Set(["content-length", "date", "uwebsockets"]);

export async function measureFeed(bench: Bench): Promise<Row[]> {
  const warble = await Installation.open(bench);
  try {
    const api = await warble.startApi();
    const answers = {
      [BARE_PAGE]: await answerOf(api, PAGE),
      [BARE_WINDOW]: await answerOf(api, WINDOW),
    };
    const bare = await startServer(bench, "bench/bare-http.ts", answers);
    const page = sizeOf(answers[BARE_PAGE]);
    const window = sizeOf(answers[BARE_WINDOW]);
    const ofReader = (path: string) => inTurn([requestOf("GET", path, keyOf(READER_ID))]);
    const rows: Row[] = [];
    const measure = async (
      what: string,
      bytes: number,
      server: Served,
      path: string,
      script: Script,
    ) => {
      bench.say(`feed: ${what} …`);
      rows.push(
        await compareRates(
          what,
          sideOf(server, script),
          sideOf(bare, inTurn([requestOf("GET", path, "")])),
          `${whole(bytes)} bytes`,
        ),
      );
    };
    await measure("feed, page of 20", page, api, BARE_PAGE, ofReader(PAGE));
    await measure("feed, whole window", window, api, BARE_WINDOW, ofReader(WINDOW));
    rows.push(memoryRow("after the feed", { API: api }));
    await api.stop();

    const cold = await warble.startApi({ CACHE_MAX_BYTES: "0" });
    const ofEveryone = (path: string) =>
      inTurn(Array.from({ length: PEOPLE }, (_, i) => requestOf("GET", path, keyOf(i + 1))));
    await measure(
      "the same page, nothing kept in the process",
      page,
      cold,
      BARE_PAGE,
      ofEveryone(PAGE),
    );
    await measure("the same window, nothing kept", window, cold, BARE_WINDOW, ofEveryone(WINDOW));
    await bare.stop();
    return rows;
  } finally {
    await warble.close();
  }
}

/** What the reader is answered. */
export async function answerOf({ url }: Served, path: string): Promise<Constant> {
  const response = await fetch(url + path, { headers: { "api-key": keyOf(READER_ID) } });
  if (!response.ok) throw new Error(`the feed answers ${response.status}`);
  const headers = [...response.headers].filter(([name]) => !OWN_HEADERS.has(name));
  return { headers, body: new Uint8Array(await response.arrayBuffer()) };
}

export const sizeOf = (answer: Constant | undefined): number => answer?.body.length ?? 0;

export const sideOf = (server: Served, script: Script): Side => ({
  processes: { server: server.pid, load: process.pid },
  round: async () => (await load(server.url, CONNECTIONS, SECONDS, script)).perSecond,
});
