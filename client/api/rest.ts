/** The REST calls, typed by the OpenAPI document. */
import createClient, { type Client } from "openapi-fetch";
import { exchange, IDEMPOTENCY_KEY } from "./exchange.ts";
import type { components, paths } from "./rest-types.ts";
import type { TweetV2 } from "./tweets.ts";

export type { components, paths } from "./rest-types.ts";
export type Profile = components["schemas"]["Profile"];
export type PersonV2 = components["schemas"]["PersonV2"];
export type ProfileV2 = components["schemas"]["ProfileV2"];

export interface Service {
  /** Such as `https://warble.example.org`; in a browser, empty for the page's own. */
  url: string;
  /** The person's key. */
  key: string;
}

/** Order (`popular` when absent), tweets a page, and where to go on. */
export type FeedQuery = NonNullable<paths["/api/v2/feed"]["get"]["parameters"]["query"]>;

/** Entries a page, and where to go on. */
export type PageQuery = NonNullable<
  paths["/api/v2/users/{id}/tweets"]["get"]["parameters"]["query"]
>;
export type PeopleQuery = NonNullable<paths["/api/v2/users"]["get"]["parameters"]["query"]>;

export interface PeoplePage {
  people: PersonV2[];
  /** Undefined on the last page. */
  nextCursor: string | undefined;
}

export interface FeedPage {
  tweets: TweetV2[];
  /** Undefined on the last page. */
  nextCursor: string | undefined;
}

export interface NewTweet {
  text: string;
  /** Of uploads of one's own that no tweet has yet. */
  mediaIds?: number[];
  /** The same key posts once, however often it is sent within a day; made up when absent. Give one
   * where a person may try again after `Offline`. */
  idempotencyKey?: string;
}

/** Every method throws `ApiError` when the call is refused, and `Offline` when there is no answer.
 * What the server puts off (503, 429 with `Retry-After`) is tried again, up to three times, when
 * it is a GET or has an idempotency key. */
export class Rest {
  /** Any call of the document: `calls.GET("/api/users/{id}", …)`; the same failures are thrown. */
  readonly calls: Client<paths>;

  constructor({ url, key }: Service) {
    this.calls = createClient<paths>({ baseUrl: url, fetch: exchange(key) });
  }

  async me(): Promise<Profile> {
    return (await answer(this.calls.GET("/api/users/me"))).user;
  }

  async user(id: number): Promise<Profile> {
    return (await answer(this.calls.GET("/api/users/{id}", at(id)))).user;
  }

  /** A page of the feed; the next one goes on from its `nextCursor`, whatever happens meanwhile. */
  async feed(query: FeedQuery = {}): Promise<FeedPage> {
    const { tweets, next_cursor } = await answer(
      this.calls.GET("/api/v2/feed", { params: { query } }),
    );
    return { tweets, nextCursor: next_cursor ?? undefined };
  }

  async tweet(id: number): Promise<TweetV2> {
    return (await answer(this.calls.GET("/api/v2/tweets/{id}", at(id)))).tweet;
  }

  /** A person in counts instead of lists. */
  async profile(id: number): Promise<ProfileV2> {
    return (await answer(this.calls.GET("/api/v2/users/{id}", at(id)))).user;
  }

  /** A person's tweets, newest first. */
  async tweetsOf(id: number, query: PageQuery = {}): Promise<FeedPage> {
    const call = this.calls.GET("/api/v2/users/{id}/tweets", { params: { path: { id }, query } });
    const { tweets, next_cursor } = await answer(call);
    return { tweets, nextCursor: next_cursor ?? undefined };
  }

  async followers(id: number, query: PageQuery = {}): Promise<PeoplePage> {
    const params = { path: { id }, query };
    return peoplePage(await answer(this.calls.GET("/api/v2/users/{id}/followers", { params })));
  }

  async following(id: number, query: PageQuery = {}): Promise<PeoplePage> {
    const params = { path: { id }, query };
    return peoplePage(await answer(this.calls.GET("/api/v2/users/{id}/following", { params })));
  }

  /** People by the beginning of their name; without `query`, everybody by name. */
  async people(query: PeopleQuery = {}, signal?: AbortSignal): Promise<PeoplePage> {
    const call = this.calls.GET("/api/v2/users", { params: { query }, ...(signal && { signal }) });
    return peoplePage(await answer(call));
  }

  /** Whom to follow: the most followed whom one does not follow yet. */
  async suggested(limit: number): Promise<PersonV2[]> {
    const call = this.calls.GET("/api/v2/users/suggested", { params: { query: { limit } } });
    return (await answer(call)).users;
  }

  /** @returns the tweet's id. */
  async postTweet({ text, mediaIds = [], idempotencyKey }: NewTweet): Promise<number> {
    const call = this.calls.POST("/api/tweets", {
      body: { tweet_data: text, tweet_media_ids: mediaIds },
      headers: { [IDEMPOTENCY_KEY]: idempotencyKey ?? newIdempotencyKey() },
    });
    return (await answer(call)).tweet_id;
  }

  async deleteTweet(id: number): Promise<void> {
    await this.calls.DELETE("/api/tweets/{id}", at(id));
  }

  /** @returns the picture's id, for a tweet. */
  async upload(picture: File): Promise<number> {
    const call = this.calls.POST("/api/medias", {
      body: { file: picture },
      bodySerializer: ({ file }) => {
        const form = new FormData();
        form.set("file", file);
        return form;
      },
    });
    return (await answer(call)).media_id;
  }

  async setLiked(id: number, liked: boolean): Promise<void> {
    if (liked) await this.calls.POST("/api/tweets/{id}/likes", at(id));
    else await this.calls.DELETE("/api/tweets/{id}/likes", at(id));
  }

  async setFollowing(userId: number, following: boolean): Promise<void> {
    if (following) await this.calls.POST("/api/users/{id}/follow", at(userId));
    else await this.calls.DELETE("/api/users/{id}/follow", at(userId));
  }
}

interface PeopleAnswer {
  users: PersonV2[];
  next_cursor: string | null;
}

const peoplePage = ({ users, next_cursor }: PeopleAnswer): PeoplePage => ({
  people: users,
  nextCursor: next_cursor ?? undefined,
});

const at = (id: number) => ({ params: { path: { id } } });

/** A failure is thrown before it comes here, so there is an answer. */
const answer = async <T>(call: Promise<{ data?: T }>): Promise<NonNullable<T>> =>
  (await call).data as NonNullable<T>;

/** 128 random bits. (`crypto.randomUUID` is missing from pages that come by plain HTTP.) */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
