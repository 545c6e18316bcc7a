/**
 * The tables. Statements on hot paths are plain SQL beside this (see `infra/*-queries.ts`); these
 * definitions are the one source of the schema, and a test holds the migrations against them.
 */
import { defineEntity, p } from "@mikro-orm/postgresql";
import type { OutboxPayloads, OutboxType } from "../contract/outbox.ts";

const createdAt = () => p.datetime().columnType("timestamptz(3)").defaultRaw("now()");

export const User = defineEntity({
  name: "User",
  tableName: "users",
  properties: {
    id: p.integer().primary(),
    name: p.string().length(200),
    /** The company's own name for the person, by which an import knows them; null: added by hand. */
    externalId: p.string().length(200).nullable().unique(),
    /** The name as it is searched for; the function of the same name folds it (and what is asked). */
    searchName: p.text().collation("C").generated("(search_name(name)) stored").nullable().lazy(),
    disabledAt: p.datetime().columnType("timestamptz(3)").nullable(),
    /** Kept by the statement that follows or unfollows, so that no reader has to count. */
    followersCount: p.integer().default(0),
    followingCount: p.integer().default(0),
    createdAt: createdAt(),
  },
  indexes: [
    {
      name: "users_search_name_id_index",
      properties: ["searchName", "id"],
      where: { disabledAt: null },
    },
    {
      name: "users_followers_count_id_index",
      properties: ["followersCount", "id"],
      where: { disabledAt: null },
    },
  ],
});

/** A key by its SHA-256. Keys are long and random, so a slow password hash would only cost. */
export const ApiKey = defineEntity({
  name: "ApiKey",
  tableName: "api_keys",
  properties: {
    hash: p.blob().primary(),
    user: () => p.manyToOne(User).deleteRule("cascade"),
    expiresAt: p.datetime().columnType("timestamptz(3)").nullable(),
    createdAt: createdAt(),
  },
  indexes: [
    { properties: ["user"], name: "api_keys_user_id_index" },
    {
      name: "api_keys_expires_at_index",
      properties: ["expiresAt"],
      where: { expiresAt: { $ne: null } },
    },
  ],
});

export const Tweet = defineEntity({
  name: "Tweet",
  tableName: "tweets",
  properties: {
    id: p.integer().primary(),
    author: () => p.manyToOne(User).deleteRule("cascade"),
    content: p.text(),
    /** Kept by the transaction that likes: exact, and read without counting. */
    likesCount: p.integer().default(0),
    /** Grows with every change of likes or pictures, under the row lock: in commit order. */
    version: p.integer().default(0),
    createdAt: createdAt(),
  },
  indexes: [{ properties: ["author", "id"], name: "tweets_author_id_id_index" }],
});

export const Like = defineEntity({
  name: "Like",
  tableName: "likes",
  properties: {
    tweet: () => p.manyToOne(Tweet).primary().deleteRule("cascade"),
    user: () => p.manyToOne(User).primary().deleteRule("cascade"),
    createdAt: createdAt(),
  },
  indexes: [{ properties: ["user", "tweet"], name: "likes_user_id_tweet_id_index" }],
});

export const Follow = defineEntity({
  name: "Follow",
  tableName: "follows",
  properties: {
    follower: () => p.manyToOne(User).primary().deleteRule("cascade"),
    followee: () => p.manyToOne(User).primary().deleteRule("cascade"),
    createdAt: createdAt(),
  },
  indexes: [
    { properties: ["followee", "follower"], name: "follows_followee_id_follower_id_index" },
  ],
});

export interface StoredVariant {
  width: number;
  height: number;
  file: string;
}

export const Media = defineEntity({
  name: "Media",
  tableName: "media",
  properties: {
    id: p.integer().primary(),
    owner: () => p.manyToOne(User).deleteRule("cascade"),
    /** Null until a tweet takes the picture. */
    tweet: () => p.manyToOne(Tweet).nullable().deleteRule("cascade"),
    /** The place among the tweet's pictures, from 0. */
    position: p.smallint().default(0),
    /** Names the files; not to be guessed, since a link is all that is needed to see a picture. */
    token: p.string().length(22).unique(),
    status: p.enum(["processing", "ready", "failed"]).default("processing"),
    width: p.integer().nullable(),
    height: p.integer().nullable(),
    placeholder: p.text().nullable(),
    variants: p.json<StoredVariant[]>().columnType("jsonb").defaultRaw("'[]'"),
    createdAt: createdAt(),
  },
  indexes: [
    { properties: ["tweet", "position"], name: "media_tweet_id_position_index" },
    { properties: ["owner"], name: "media_owner_id_index" },
    {
      name: "media_orphans_index",
      properties: ["createdAt"],
      where: { tweet: null },
    },
    { name: "media_processing_index", properties: ["createdAt"], where: { status: "processing" } },
  ],
});

/** The outbox. Written in the same transaction as the change; `deliveredAt` is set when every
 * consumer has it, and the relay takes up what is still null after `dueAt`. Kept for a day and read
 * as a log: what concerns an author or a person since a moment (see `missed-event-queries.ts`). */
export const Event = defineEntity({
  name: "Event",
  tableName: "events",
  properties: {
    id: p.bigint("string").primary(),
    type: p.string().$type<OutboxType>().length(32),
    payload: p.json<OutboxPayloads[OutboxType]>().columnType("jsonb"),
    /** Whose log lines belong to it (see `OutboxEvent`). */
    requestIds: p.array().columnType("text[]").defaultRaw("'{}'"),
    createdAt: p.datetime().columnType("timestamptz(3)").defaultRaw("clock_timestamp()"),
    dueAt: p
      .datetime()
      .columnType("timestamptz(3)")
      .defaultRaw("(clock_timestamp() + '00:00:02'::interval)"),
    deliveredAt: p.datetime().columnType("timestamptz(3)").nullable(),
  },
  indexes: [
    { name: "events_undelivered_index", properties: ["dueAt"], where: { deliveredAt: null } },
    { name: "events_created_at_index", properties: ["createdAt"] },
    {
      name: "events_author_index",
      expression:
        "create index events_author_index on events (((payload ->> 'authorId')::int), due_at)",
    },
    {
      name: "events_follower_index",
      expression:
        "create index events_follower_index on events (((payload ->> 'followerId')::int), due_at) where type = 'user:follow'",
    },
    {
      name: "events_followee_index",
      expression:
        "create index events_followee_index on events (((payload ->> 'followeeId')::int), due_at) where type = 'user:follow'",
    },
  ],
});

/** Which request was answered with which tweet. No foreign key: the answer outlives the tweet. */
export const IdempotencyKey = defineEntity({
  name: "IdempotencyKey",
  tableName: "idempotency_keys",
  properties: {
    user: () => p.manyToOne(User).primary().deleteRule("cascade"),
    key: p.string().length(200).primary(),
    /** SHA-256 of what was to be posted. */
    bodyHash: p.blob(),
    /** Null only within the transaction that posts. */
    tweetId: p.integer().nullable(),
    createdAt: createdAt(),
  },
  indexes: [{ name: "idempotency_keys_created_at_index", properties: ["createdAt"] }],
});

export const entities = [User, ApiKey, Tweet, Like, Follow, Media, Event, IdempotencyKey];
