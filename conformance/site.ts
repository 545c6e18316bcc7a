/** The site that is checked, as two people see it; and what has to be put back in the end. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { io, type Socket } from "socket.io-client";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // The checks assert its shape themselves.
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
  body: any;
}

export interface Person {
  id: number;
  name: string;
  key: string;
}

export interface Check {
  name: string;
  run: (site: Site) => Promise<void>;
}

export interface Part {
  title: string;
  checks: Check[];
}

/** Waits are as long as a limit of calls may last. */
const LONGEST_WAIT_S = 61;
const PATIENCE_MS = 5000;

/** The site cannot be checked at all. */
export class Unusable extends Error {}

export class Site {
  readonly url: string;
  /** Two different people. */
  readonly ann: Person;
  readonly bob: Person;
  #tweets: { by: Person; id: number }[] = [];
  #sockets: Socket[] = [];

  private constructor(url: string, ann: Person, bob: Person) {
    this.url = url;
    this.ann = ann;
    this.bob = bob;
  }

  /** @throws Unusable when it does not answer, or a key is not good. */
  static async open(url: string, keys: string[]): Promise<Site> {
    const [first, second] = keys;
    if (!first || !second)
      throw new Unusable("Give two keys of different people: --key K1 --key K2.");
    const nobody = { id: 0, name: "" };
    const site = new Site(
      url.replace(/\/+$/, ""),
      { ...nobody, key: first },
      { ...nobody, key: second },
    );
    for (const person of [site.ann, site.bob]) Object.assign(person, await site.#introduce(person));
    if (site.ann.id === site.bob.id) {
      throw new Unusable("Both keys are the same person's: give keys of two different people.");
    }
    return site;
  }

  async #introduce(person: Person): Promise<{ id: number; name: string }> {
    const { status, body } = await this.call(person, "GET", "/api/users/me").catch((error) => {
      throw new Unusable(`${this.url} does not answer: ${error.cause?.message ?? error.message}.`);
    });
    if (status === 401) throw new Unusable("A key is not taken: give two good ones.");
    if (!body?.user?.id)
      throw new Unusable(`${this.url} is no Warble: GET /api/users/me answered ${status}.`);
    return { id: body.user.id, name: body.user.name };
  }

  /** One call as somebody, or as nobody; waits and tries again where calls are limited. */
  async call(
    person: Person | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const init: RequestInit = {
      method,
      headers: {
        ...(person && { "api-key": person.key }),
        ...(body !== undefined &&
          !(body instanceof FormData) && { "content-type": "application/json" }),
        ...headers,
      },
      signal: AbortSignal.timeout(20_000),
    };
    if (body instanceof FormData || typeof body === "string") init.body = body;
    else if (body !== undefined) init.body = JSON.stringify(body);
    for (;;) {
      const response = await fetch(this.url + path, init);
      const text = await response.text();
      if (response.status === 429) {
        const wait = Number(response.headers.get("retry-after"));
        assert.ok(wait > 0, "429 tells by Retry-After when to come back");
        assert.ok(wait <= LONGEST_WAIT_S, `429 for ${wait} s`);
        await sleep(wait * 1000);
        continue;
      }
      return { status: response.status, headers: response.headers, text, body: asJson(text) };
    }
  }

  /** Posts a tweet that is deleted in the end. */
  async tweet(
    by: Person,
    text: string,
    mediaIds: number[] = [],
    headers: Record<string, string> = {},
  ): Promise<number> {
    const { status, body } = await this.call(
      by,
      "POST",
      "/api/tweets",
      { tweet_data: text, tweet_media_ids: mediaIds },
      headers,
    );
    assert.equal(status, 201, body?.error_message);
    assert.deepEqual({ ...body, tweet_id: 0 }, { result: true, tweet_id: 0 });
    assert.ok(Number.isInteger(body.tweet_id));
    this.#tweets.push({ by, id: body.tweet_id });
    return body.tweet_id;
  }

  upload(by: Person, bytes: Uint8Array, name = "picture.png"): Promise<Answer> {
    const form = new FormData();
    form.set("file", new Blob([bytes as Uint8Array<ArrayBuffer>]), name);
    return this.call(by, "POST", "/api/medias", form);
  }

  /** A tweet as it stands in the person's whole feed; undefined when it is not there. */
  async inFeed(person: Person, id: number) {
    const { status, body } = await this.call(person, "GET", "/api/tweets");
    assert.equal(status, 200);
    return body.tweets.find((tweet: { id: number }) => tweet.id === id);
  }

  /** Whether one follows the other. */
  async follows(follower: Person, followee: Person): Promise<boolean> {
    const { body } = await this.call(follower, "GET", `/api/v2/users/${followee.id}`);
    return body.user.following;
  }

  async setFollow(follower: Person, followee: Person, follows: boolean): Promise<void> {
    await this.call(follower, follows ? "POST" : "DELETE", `/api/users/${followee.id}/follow`);
  }

  /** A live connection; `events` fills up. */
  async live(person: Person, auth: object = {}): Promise<Listener> {
    const socket = io(this.url, {
      transports: ["websocket"],
      forceNew: true,
      reconnection: false,
      auth: { apiKey: person.key, ...auth },
    });
    this.#sockets.push(socket);
    const listener = new Listener(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("ready", () => resolve());
      socket.once("connect_error", reject);
      socket.once("disconnect", (reason) => reject(new Error(reason)));
    });
    return listener;
  }

  /** Puts everything back as it was. */
  async leave(): Promise<void> {
    for (const socket of this.#sockets) socket.disconnect();
    for (const { by, id } of this.#tweets.splice(0)) {
      await this.call(by, "DELETE", `/api/tweets/${id}`).catch(() => undefined);
    }
  }
}

export interface LiveEvent {
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: a payload of any event
  payload: any;
  id: string;
}

export class Listener {
  readonly socket: Socket;
  readonly events: LiveEvent[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.onAny((event, payload, meta) => this.events.push({ event, payload, id: meta?.id }));
  }

  /** The first event of this name that fits, now or soon. */
  async next(event: string, fits: (payload: LiveEvent["payload"]) => boolean): Promise<LiveEvent> {
    return soon(`the event ${event}`, () =>
      this.events.find((each) => each.event === event && fits(each.payload)),
    );
  }
}

/** What `find` finds, as soon as it does. @throws AssertionError after five seconds. */
export async function soon<T>(
  what: string,
  find: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(50)) {
    const found = await find();
    if (found !== undefined) return found;
  }
  assert.fail(`${what} did not come within ${PATIENCE_MS / 1000} s`);
}

/** The contract's error form. */
export function assertError({ status, body, headers }: Answer, wanted: number, type: string): void {
  assert.equal(status, wanted);
  assert.match(headers.get("content-type") ?? "", /^application\/json/);
  assert.equal(body?.result, false);
  assert.equal(body.error_type, type);
  assert.ok(
    typeof body.error_message === "string" && body.error_message !== "",
    "it says what is wrong",
  );
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
