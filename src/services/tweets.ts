/** Posting and deleting: the tweet, its pictures and the event in one transaction. */
import { createHash } from "node:crypto";
import { type EntityManager, LockMode } from "@mikro-orm/postgresql";
import { Problem } from "../contract/errors.ts";
import type { OutboxEvent } from "../contract/outbox.ts";
import { Media, Tweet, User } from "../entities/entities.ts";
import { recordEvent } from "../infra/event-queries.ts";
import { type AnsweredRequest, claimKey, keepAnswer } from "../infra/idempotency-queries.ts";
import type { Context } from "./context.ts";
import { deliver } from "./events.ts";

export interface NewTweet {
  content: string;
  mediaIds: number[];
}

/** Posts a tweet. When this resolves, it is committed and every process shows it to its author.
 * @param requestId of the request that posts.
 * @param idempotencyKey the same one within 24 hours answers with the tweet that was posted first.
 * @throws Problem `InvalidMedia`: an id that is unknown, another's, used already or named twice;
 * `ValidationError`: the key came with another tweet. */
export async function postTweet(
  ctx: Context,
  authorId: number,
  tweet: NewTweet,
  requestId: string,
  idempotencyKey?: string,
): Promise<number> {
  const request = idempotencyKey && { userId: authorId, key: idempotencyKey, hash: hashOf(tweet) };
  const posted = await ctx.db.transaction(
    async (em): Promise<number | OutboxEvent<"tweet:new">> => {
      const before = request && (await claimKey(em, request));
      if (before) return answeredBefore(before);
      const row = em.create(Tweet, {
        author: em.getReference(User, authorId),
        content: tweet.content,
      });
      await em.persist(row).flush();
      await attach(em, authorId, row.id, tweet.mediaIds);
      const event = recordEvent(em, "tweet:new", { tweetId: row.id, authorId }, { requestId });
      await em.flush();
      if (request) await keepAnswer(em, request, row.id);
      return event;
    },
  );
  if (typeof posted === "number") {
    await showAgain(ctx, authorId, posted);
    return posted;
  }
  await deliver(ctx, [posted]);
  return posted.payload.tweetId;
}

/** What makes two requests the same. */
const hashOf = ({ content, mediaIds }: NewTweet): Buffer =>
  createHash("sha256")
    .update(JSON.stringify([content, mediaIds]))
    .digest();

function answeredBefore({ sameBody, tweetId }: AnsweredRequest): number {
  if (sameBody) return tweetId;
  throw new Problem(
    "ValidationError",
    "This Idempotency-Key was sent with another tweet: choose a new key for each tweet.",
  );
}

/** The request that posted may have committed this moment, and not have told anyone yet: the author's
 * next read shows the tweet all the same. All else is left to that request, or to the relay. */
async function showAgain(ctx: Context, authorId: number, tweetId: number): Promise<void> {
  await ctx.feedStore.fanOut(tweetId, [authorId]).catch(() => undefined);
  await ctx.bus.announce([{ topics: [["author", authorId]] }]);
}

/** Gives pictures to a tweet, in the order of the ids. The rows are locked: of two tweets that want
 * the same picture at once, one is refused. */
async function attach(
  em: EntityManager,
  ownerId: number,
  tweetId: number,
  mediaIds: number[],
): Promise<void> {
  if (mediaIds.length === 0) return;
  const found = await em.find(
    Media,
    { id: { $in: mediaIds }, owner: ownerId },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: "asc" } },
  );
  const byId = new Map(found.map((media) => [media.id, media]));
  const tweet = em.getReference(Tweet, tweetId);
  mediaIds.forEach((id, position) => {
    const media = byId.get(id);
    if (!media) throw invalidMedia(id, "is not a picture that you uploaded");
    if (media.tweet) throw invalidMedia(id, "is in a tweet already: upload it again");
    if (media.status === "failed") throw invalidMedia(id, "could not be read as an image");
    media.tweet = tweet;
    media.position = position;
  });
}

const invalidMedia = (id: number, why: string): Problem =>
  new Problem("InvalidMedia", `Media ${id} ${why}.`);

/** Deletes one's own tweet, with its likes; the picture files go by a job.
 * @throws Problem `NotFound`, `Forbidden` (another's). */
export async function deleteTweet(
  ctx: Context,
  userId: number,
  tweetId: number,
  requestId: string,
): Promise<void> {
  const event = await ctx.db.transaction(async (em) => {
    const tweet = await em.findOne(Tweet, tweetId, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!tweet) throw new Problem("NotFound", `There is no tweet ${tweetId}.`);
    if (tweet.author.id !== userId) {
      throw new Problem("Forbidden", "This tweet is another's: only its author can delete it.");
    }
    const pictures = await em.find(Media, { tweet: tweetId }, { fields: ["token"] });
    const payload = { tweetId, authorId: userId, tokens: pictures.map(({ token }) => token) };
    await em.nativeDelete(Tweet, { id: tweetId });
    const recorded = recordEvent(em, "tweet:deleted", payload, { requestId });
    await em.flush();
    return recorded;
  });
  await deliver(ctx, [event]);
}
