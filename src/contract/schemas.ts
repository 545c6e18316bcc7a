/**
 * The words of the REST contract as zod schemas. Each schema serves three times: it gives the
 * TypeScript type, it validates, and it is the source of `/openapi.json`.
 */
import { z } from "zod";

/** Postgres `integer`: ids outside of it cannot exist, so they are refused before a query. */
export const MAX_ID = 2_147_483_647;
/** A tweet takes at most ten images. */
export const MAX_ATTACHMENTS = 10;

export const Id = z.int().min(1).max(MAX_ID).meta({ description: "Identifier", example: 17 });

export const UserRef = z
  .object({ id: Id, name: z.string().meta({ example: "Ada Lovelace" }) })
  .meta({ id: "UserRef", description: "A person, as named beside a tweet or in a list." });

export const LikeRef = z
  .object({ user_id: Id, name: z.string() })
  .meta({ id: "Like", description: "Who liked a tweet." });

export const Tweet = z
  .object({
    id: Id,
    content: z.string(),
    attachments: z.array(z.string()).meta({
      description: "Root-relative links of the images, for `<img src>`.",
      example: ["/media/3q2-7wAAAAAAAAAAAAAAAA/1280.webp"],
    }),
    author: UserRef,
    likes: z.array(LikeRef),
    stamp: z.iso.datetime().meta({ description: "Creation time, ISO 8601, UTC." }),
  })
  .meta({ id: "Tweet" });

export const Profile = z
  .object({ id: Id, name: z.string(), followers: z.array(UserRef), following: z.array(UserRef) })
  .meta({ id: "Profile" });

export const ErrorBody = z
  .object({ result: z.literal(false), error_type: z.string(), error_message: z.string() })
  .meta({ id: "Error", description: "What every failure answers." });

export const Done = z.object({ result: z.literal(true) }).meta({ id: "Done" });

export const TweetCreated = z
  .object({ result: z.literal(true), tweet_id: Id })
  .meta({ id: "TweetCreated" });

export const MediaCreated = z
  .object({ result: z.literal(true), media_id: Id })
  .meta({ id: "MediaCreated" });

export const TweetList = z
  .object({ result: z.literal(true), tweets: z.array(Tweet) })
  .meta({ id: "TweetList" });

export const ProfileAnswer = z
  .object({ result: z.literal(true), user: Profile })
  .meta({ id: "ProfileAnswer" });

/** The number of characters as people count them for the limit: Unicode code points. */
export const codePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

/** The body of `POST /api/tweets`; the limit is the setting `TWEET_MAX_LENGTH`. */
export const newTweet = (maxLength: number) =>
  z
    .object({
      tweet_data: z
        .string({ error: "tweet_data must be a string: the text of the tweet" })
        .refine((text) => text.trim() !== "", {
          error: "tweet_data is empty: write something",
          abort: true,
        })
        // Postgres text cannot hold NUL, and a lone surrogate is no character of any text.
        .refine((text) => text.isWellFormed() && !text.includes("\0"), {
          error: "tweet_data has a NUL or half of a surrogate pair: send well-formed Unicode text",
        })
        .refine((text) => codePoints(text) <= maxLength, {
          error: `tweet_data is longer than ${maxLength} characters`,
        })
        .meta({ description: `The text, 1 to ${maxLength} code points.`, example: "Hello" }),
      tweet_media_ids: z
        .array(Id, { error: "tweet_media_ids must be a list of media ids (whole numbers)" })
        .max(MAX_ATTACHMENTS, { error: `a tweet takes at most ${MAX_ATTACHMENTS} images` })
        .nullish()
        .transform((ids) => ids ?? [])
        .meta({ description: "Ids of uploaded images of one's own, unused so far." }),
    })
    .meta({ id: "NewTweet" });

/** The header of the same name: a request that is sent again under it does its work once. */
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, {
    error: "Idempotency-Key must have 1 to 200 visible ASCII characters",
  })
  .meta({
    description:
      "A key of the caller's choosing, such as a UUID. The same key within 24 hours answers the " +
      "first answer again and posts nothing; with another body it is refused.",
    example: "6f1c1e0a-7d3f-4a57-9b62-0c5b0f9a8a51",
  });

/** A page number or size as it stands in a query. */
const wholeNumber = (name: string) =>
  z
    .string()
    .regex(/^0*[1-9]\d{0,8}$/, { error: `${name} must be a whole number of at least 1` })
    .transform(Number);

/**
 * Paging of the original frontend: `offset` is a 1-based page number and counts only beside a
 * `limit`; an empty value is as if it were absent.
 */
export const FeedPage = z
  .object({
    offset: z.string().optional().meta({
      description: "Page number, from 1. Ignored without `limit`.",
      example: "1",
    }),
    limit: z.string().optional().meta({
      description: "Tweets a page. Without it the whole feed window is answered.",
      example: "20",
    }),
  })
  .transform(({ offset, limit }): Record<string, string> => {
    if (!limit) return {};
    return offset ? { offset, limit } : { limit };
  })
  .pipe(
    z.object({
      offset: wholeNumber("offset").optional(),
      limit: wholeNumber("limit").optional(),
    }),
  );
export type FeedPage = z.output<typeof FeedPage>;
