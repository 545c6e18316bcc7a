/** `GET /api/tweets` against a server that answers the same number of constant bytes. */
import type { Constant } from "./bare-http.ts";
import { type Bench, Installation, type Served, startServer } from "./installation.ts";
import { inTurn, load, requestOf, type Script } from "./load.ts";
import { alternate, median } from "./rounds.ts";
import { keyOf, PEOPLE, READER_ID } from "./seed.ts";
import { percent, type Row, whole } from "./table.ts";
import { withCpuShares } from "./usage.ts";

const ROUNDS = 3;
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
        await compare(what, bytes, [server, script], [bare, inTurn([requestOf("GET", path, "")])]),
      );
    };
    await measure("feed, page of 20", page, api, BARE_PAGE, ofReader(PAGE));
    await measure("feed, whole window", window, api, BARE_WINDOW, ofReader(WINDOW));
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

export async function compare(
  what: string,
  bytes: number,
  a: [Served, Script],
  b: [Served, Script],
): Promise<Row> {
  const round = async ([server, script]: [Served, Script]) => {
    const { result, shares } = await withCpuShares([server.pid, process.pid], () =>
      load(server.url, CONNECTIONS, SECONDS, script),
    );
    return { perSecond: result.perSecond, shares };
  };
  const rounds = await alternate(
    ROUNDS,
    () => round(a),
    () => round(b),
  );
  const rate = (of: { perSecond: number }[]) => median(of.map(({ perSecond }) => perSecond));
  const cpu = (of: { shares: number[] }[], i: number) =>
    percent(median(of.map(({ shares }) => shares[i] as number)));
  return {
    what,
    warble: `${whole(rate(rounds.a))}/s`,
    bare: `${whole(rate(rounds.b))}/s`,
    ratio: rate(rounds.a) / rate(rounds.b),
    notes: `${whole(bytes)} bytes; CPU of server / load: ${cpu(rounds.a, 0)} / ${cpu(rounds.a, 1)}, bare ${cpu(rounds.b, 0)} / ${cpu(rounds.b, 1)}`,
  };
}
