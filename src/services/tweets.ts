/** Posting and deleting: the tweet, its pictures and the event in one transaction. */
import { type EntityManager, LockMode } from "@mikro-orm/postgresql";
import { Problem } from "../contract/errors.ts";
import type { OutboxEvent } from "../contract/outbox.ts";
import { Media, Tweet, User } from "../entities/entities.ts";
import { recordEvent } from "../infra/event-queries.ts";
import type { Context } from "./context.ts";
import { deliver } from "./events.ts";

export interface NewTweet {
  content: string;
  mediaIds: number[];
}

/** Posts a tweet. When this resolves, it is committed and every process shows it to its author.
 * @throws Problem `InvalidMedia`: an id that is unknown, another's, used already or named twice. */
export async function postTweet(ctx: Context, authorId: number, tweet: NewTweet): Promise<number> {
  const event = await ctx.db.transaction(async (em): Promise<OutboxEvent<"tweet:new">> => {
    const row = em.create(Tweet, {
      author: em.getReference(User, authorId),
      content: tweet.content,
    });
    await em.persist(row).flush();
    await attach(em, authorId, row.id, tweet.mediaIds);
    const payload = { tweetId: row.id, authorId };
    const recorded = recordEvent(em, "tweet:new", payload);
    await em.flush();
    return { id: recorded.id, type: "tweet:new", payload };
  });
  await deliver(ctx, [event]);
  return event.payload.tweetId;
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
export async function deleteTweet(ctx: Context, userId: number, tweetId: number): Promise<void> {
  const event = await ctx.db.transaction(async (em): Promise<OutboxEvent<"tweet:deleted">> => {
    const tweet = await em.findOne(Tweet, tweetId, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!tweet) throw new Problem("NotFound", `There is no tweet ${tweetId}.`);
    if (tweet.author.id !== userId) {
      throw new Problem("Forbidden", "This tweet is another's: only its author can delete it.");
    }
    const pictures = await em.find(Media, { tweet: tweetId }, { fields: ["token"] });
    const payload = { tweetId, authorId: userId, tokens: pictures.map(({ token }) => token) };
    await em.nativeDelete(Tweet, { id: tweetId });
    const recorded = recordEvent(em, "tweet:deleted", payload);
    await em.flush();
    return { id: recorded.id, type: "tweet:deleted", payload };
  });
  await deliver(ctx, [event]);
}
