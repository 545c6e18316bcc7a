/** Watching what is on the screen without following it. */
import { MAX_WATCHED, rooms, type WatchAnswer, WatchRequest } from "../contract/events.ts";
import type { LiveMessage, LiveSocket } from "../infra/live-publisher.ts";
import { newestEventId } from "../infra/missed-event-queries.ts";
import type { Context } from "../services/context.ts";
import { loadTweetsV2 } from "../services/tweet-view.ts";

type Watching = Pick<Context, "db" | "live" | "log">;

const REFUSED: WatchAnswer = {
  result: false,
  error_type: "ValidationError",
  error_message: `Send {tweetIds: ids} with at most ${MAX_WATCHED} ids, or {userId: id}.`,
};

/** Answers the socket's `watch` requests. */
export function onWatch(ctx: Watching, socket: LiveSocket): void {
  socket.on("watch", (request, acknowledge) => {
    const answer = typeof acknowledge === "function" ? acknowledge : () => undefined;
    watch(ctx, socket, request).then(answer, (error) => {
      ctx.log.debug({ err: error }, "a watched tweet could not be read");
      socket.conn.close(); // it comes back, and is told how things stand then
    });
  });
}

async function watch(ctx: Watching, socket: LiveSocket, request: unknown): Promise<WatchAnswer> {
  const parsed = WatchRequest.safeParse(request);
  if (!parsed.success) return REFUSED;
  const wanted = parsed.data;
  if ("tweetIds" in wanted) {
    leave(socket, "tweet:");
    await watchTweets(ctx, socket, wanted.tweetIds);
    return { result: true, watching: wanted.tweetIds.length };
  }
  leave(socket, "profile:");
  if (wanted.userId === null) return { result: true, watching: 0 };
  socket.join(rooms.profile(wanted.userId));
  return { result: true, watching: 1 };
}

/** Joins the tweets' rooms, and tells how each of them stands: what changed since the client read it
 * would otherwise be missed silently. */
export async function watchTweets(
  ctx: Watching,
  socket: LiveSocket,
  tweetIds: number[],
): Promise<void> {
  if (tweetIds.length === 0) return;
  socket.join(tweetIds.map(rooms.tweet));
  const meta = { id: await newestEventId(ctx.db) };
  const tweets = await loadTweetsV2(ctx, tweetIds);
  const messages = tweetIds.flatMap((id): LiveMessage[] => {
    const tweet = tweets.get(id);
    if (!tweet) return [["tweet:deleted", { id }, meta]];
    const { likes_count, version, attachments } = tweet;
    const likes: LiveMessage = ["tweet:likes", { id, likes_count, version }, meta];
    return attachments.length > 0 ? [likes, ["tweet:media", { id, attachments }, meta]] : [likes];
  });
  ctx.live.send(socket, messages);
}

function leave(socket: LiveSocket, prefix: string): void {
  for (const room of socket.rooms) if (room.startsWith(prefix)) socket.leave(room);
}
