import type { Config } from "../../base/config.ts";
import { Done, FeedPage, newTweet, TweetCreated, TweetList } from "../../contract/schemas.ts";
import { deleteTweet, postTweet } from "../../services/tweets.ts";
import { created, done, ok, type Route, route } from "../route.ts";

export const tweetRoutes = (config: Config): Route[] => [
  route({
    method: "get",
    path: "/api/tweets",
    summary: "The feed: one's own tweets and those of the followed, most likes first",
    query: FeedPage,
    answers: { 200: TweetList },
    problems: ["ValidationError"],
    handle: ({ person, query }, { feed }) => {
      const body = feed.read(person.id, query);
      return body instanceof Promise ? body.then(ok) : ok(body);
    },
  }),
  route({
    method: "post",
    path: "/api/tweets",
    summary: "Post a tweet",
    body: newTweet(config.tweetMaxLength),
    idempotent: true,
    answers: { 201: TweetCreated },
    problems: ["BadRequest", "UnsupportedMediaType", "ValidationError", "InvalidMedia"],
    handle: async ({ person, body, idempotencyKey, requestId }, { ctx }) => {
      const tweet = { content: body.tweet_data, mediaIds: body.tweet_media_ids };
      const id = await postTweet(ctx, person.id, tweet, requestId, idempotencyKey);
      return created({ result: true, tweet_id: id });
    },
  }),
  route({
    method: "delete",
    path: "/api/tweets/:id",
    summary: "Delete one's own tweet",
    answers: { 200: Done },
    problems: ["Forbidden", "NotFound"],
    handle: async ({ person, id, requestId }, { ctx }) => {
      await deleteTweet(ctx, person.id, id, requestId);
      return ok({ result: true });
    },
  }),
  route({
    method: "post",
    path: "/api/tweets/:id/likes",
    summary: "Like a tweet; 200 when it was liked already",
    answers: { 201: Done, 200: Done },
    problems: ["NotFound"],
    handle: async ({ person, id, requestId }, { likes }) =>
      done(await likes.set(person.id, id, true, requestId)),
  }),
  route({
    method: "delete",
    path: "/api/tweets/:id/likes",
    summary: "Take a like back; harmless when there is none",
    answers: { 200: Done },
    problems: ["NotFound"],
    handle: async ({ person, id, requestId }, { likes }) => {
      await likes.set(person.id, id, false, requestId);
      return ok({ result: true });
    },
  }),
];
