/** Scores and like counts: published for all tweets that changed, compared with what is true. */
import { countComparedScores, countPublishedLikes } from "../base/metrics/jobs.ts";
import { likedTweets, markLikesDelivered, recountLikes } from "../infra/event-queries.ts";
import type { Context } from "./context.ts";
import { refreshScores } from "./scores.ts";

/** Tweets a turn; when there are more, the next turn is asked for. */
const PUBLISH_BATCH = 1000;
/** Scores are kept for so many of the hottest tweets; about 60 MB of Redis. */
const SCORES_KEPT = 200_000;

/** Publishes the count of the tweets whose likes changed since the last time, from Postgres: those
 * that wait longest first. A turn names a tweet once, and turns are an interval apart.
 * @returns how many tweets. */
export async function publishLikes(ctx: Context): Promise<number> {
  const { epoch } = ctx.feedStore;
  const tweets = await likedTweets(ctx.db, PUBLISH_BATCH);
  if (tweets.length === 0) return 0;
  if (!(await ctx.feedStore.score(tweets, epoch))) {
    await refreshScores(
      ctx,
      tweets.map(({ id }) => id),
    );
  }
  // Whoever liked has announced it already, unless that process died just then.
  const announced = await ctx.bus.announce(
    tweets.map(({ id, authorId }) => ({
      topics: [
        ["tweet", id],
        ["reactions", authorId],
      ],
    })),
  );
  if (!announced) throw new Error("Redis is away: the counts are published later");
  await Promise.all(
    tweets.map(({ id, authorId, likes, version, eventId }) =>
      ctx.live.tweetLikes(authorId, { id, likes_count: likes, version }, { id: eventId }),
    ),
  );
  const published = await markLikesDelivered(ctx.db, tweets);
  countPublishedLikes(tweets.length);
  ctx.log.info(
    {
      events: published.map(({ id }) => `tweet:likes ${id}`),
      requestIds: published.flatMap(({ requestIds }) => requestIds),
    },
    "like counts published",
  );
  if (tweets.length === PUBLISH_BATCH) await ctx.scoring.request();
  return tweets.length;
}

/** Compares the stored scores with Postgres, and Postgres' counters with the likes themselves.
 * `hot` needs no rewriting: it is a forward decay (see the feed store).
 * @returns how many were wrong (and are mended), and how many old ones were forgotten. */
export async function compareScores(
  ctx: Context,
): Promise<{ compared: number; mended: number; forgotten: number }> {
  let compared = 0;
  let mended = 0;
  let cursor = "0";
  do {
    const page = await ctx.feedStore.scanScored(cursor);
    cursor = page.cursor;
    const wrong = await wrongScores(ctx, page.ids);
    await ctx.feedStore.forgetScores(wrong);
    compared += page.ids.length;
    mended += wrong.length;
    countComparedScores("right", page.ids.length - wrong.length);
    countComparedScores("mended", wrong.length);
  } while (cursor !== "0");
  const forgotten = await ctx.feedStore.trimScores(SCORES_KEPT);
  if (mended > 0) ctx.log.warn({ compared, mended }, "scores differed from Postgres");
  return { compared, mended, forgotten };
}

/** A score is wrong when it is behind Postgres, or has another count at the same version. One that is
 * merely on its way is forgotten for nothing: the next reader takes it from Postgres. */
async function wrongScores(ctx: Context, ids: number[]): Promise<number[]> {
  const stored = await ctx.feedStore.scores(ids);
  const rows = new Map((await recountLikes(ctx.db, ids)).map((row) => [row.id, row]));
  return ids.filter((id, i) => {
    const row = rows.get(id);
    const score = stored[i];
    if (!row || !score) return true;
    return (
      score.version < row.version || (score.version === row.version && score.likes !== row.likes)
    );
  });
}
