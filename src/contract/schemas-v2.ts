/**
 * The words of `/api/v2` and of the live events, as zod schemas: counts instead of lists. The same
 * tweet comes by both ways.
 */
import { z } from "zod";
import { Id, UserRef } from "./schemas.ts";

export const Variant = z
  .object({
    width: z.int().meta({ example: 640 }),
    height: z.int().meta({ example: 400 }),
    url: z.string().meta({ description: "Root-relative.", example: "/media/<token>/640.webp" }),
    type: z.literal("image/webp"),
  })
  .meta({ id: "Variant", description: "One size of a picture, in pixels." });

export const Attachment = z
  .object({
    id: Id,
    status: z.enum(["ready", "processing", "failed"]),
    width: z.int().nullable().meta({
      description: "Of the largest variant; null until ready.",
      example: 1280,
    }),
    height: z.int().nullable().meta({ example: 800 }),
    placeholder: z.string().nullable().meta({
      description: "A tiny `data:` URI to show while the picture loads; null until ready.",
      example: "data:image/webp;base64,UklGRg…",
    }),
    variants: z.array(Variant).meta({ description: "The narrowest first; empty until ready." }),
  })
  .meta({ id: "Attachment", description: "A picture of a tweet: derived files only." });

export const TweetV2 = z
  .object({
    id: Id,
    content: z.string().meta({ example: "The view from here" }),
    author: UserRef,
    created_at: z.iso.datetime().meta({ description: "ISO 8601, UTC." }),
    likes_count: z.int().min(0),
    liked: z.boolean().meta({
      description:
        "Whether the reader likes it. A live event has no one reader: there it is false.",
      example: false,
    }),
    version: z.int().min(0).meta({
      description:
        "Grows with every change of likes or pictures: a lower one never overwrites a higher one.",
    }),
    attachments: z.array(Attachment),
  })
  .meta({ id: "TweetV2", description: "A tweet with counts instead of lists." });

/** In every list of people. */
export const PersonV2 = z
  .object({
    id: Id,
    name: z.string(),
    followers_count: z.int().min(0),
    following: z.boolean().meta({ description: "Whether the caller follows this person." }),
  })
  .meta({ id: "PersonV2" });

export const ProfileV2 = PersonV2.extend({
  following_count: z.int().min(0),
  follows_you: z.boolean().meta({ description: "Whether this person follows the caller." }),
}).meta({ id: "ProfileV2" });

const NextCursor = z.string().nullable().meta({
  description: "The `cursor` of the next page; null on the last one.",
});

export const TweetPageV2 = z
  .object({ result: z.literal(true), tweets: z.array(TweetV2), next_cursor: NextCursor })
  .meta({ id: "TweetPageV2" });

export const TweetAnswerV2 = z
  .object({ result: z.literal(true), tweet: TweetV2 })
  .meta({ id: "TweetAnswerV2" });

export const ProfileAnswerV2 = z
  .object({ result: z.literal(true), user: ProfileV2 })
  .meta({ id: "ProfileAnswerV2" });

export const PeoplePageV2 = z
  .object({ result: z.literal(true), users: z.array(PersonV2), next_cursor: NextCursor })
  .meta({ id: "PeoplePageV2" });

export const PeopleV2 = z
  .object({ result: z.literal(true), users: z.array(PersonV2) })
  .meta({ id: "PeopleV2" });

const MAX_PAGE = 100;
const DEFAULT_PAGE = 20;

/* In queries an empty value is as if it were absent; whoever parses them takes it out before. */
const limit = z
  .string()
  .regex(/^0*(?:[1-9]\d?|100)$/, { error: `limit must be a whole number from 1 to ${MAX_PAGE}` })
  .default(String(DEFAULT_PAGE))
  .transform(Number)
  .meta({
    description: "Entries a page.",
    override: { type: "integer", minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE },
  });

const cursor = z
  .string()
  .optional()
  .meta({ description: "`next_cursor` of the page before; without it, the first page." });

export const PageQuery = z.object({ cursor, limit });
export const LimitQuery = z.object({ limit });

export const FeedQuery = PageQuery.extend({
  sort: z
    .enum(["popular", "new", "hot"], { error: "sort must be popular, new or hot" })
    .default("popular")
    .meta({
      description:
        "`popular`: most likes first; `hot`: likes decayed by age; `new`: newest first. Pages of " +
        "the first two follow the ranking that the first page saw.",
    }),
});

/** A name has no more. */
const MAX_QUERY = 200;

export const PeopleQuery = PageQuery.extend({
  query: z
    .string()
    .trim()
    .refine((text) => text.isWellFormed() && !text.includes("\0") && text.length <= MAX_QUERY, {
      error: `query must be well-formed text of at most ${MAX_QUERY} characters`,
    })
    .default("")
    .meta({
      description: "How the name begins, in any case; without it, everybody by name.",
      example: "ada",
    }),
});

export type PersonV2 = z.output<typeof PersonV2>;
export type ProfileV2 = z.output<typeof ProfileV2>;
export type PageQuery = z.output<typeof PageQuery>;
export type PeopleQuery = z.output<typeof PeopleQuery>;
export type FeedQuery = z.output<typeof FeedQuery>;
export type FeedSort = FeedQuery["sort"];
export type Attachment = z.output<typeof Attachment>;
export type TweetV2 = z.output<typeof TweetV2>;
