import {
  FeedQuery,
  LimitQuery,
  PageQuery,
  PeoplePageV2,
  PeopleQuery,
  PeopleV2,
  ProfileAnswerV2,
  TweetAnswerV2,
  TweetPageV2,
} from "../../contract/schemas-v2.ts";
import { findPeople, readFollows, readProfileV2, suggestPeople } from "../../services/people-v2.ts";
import { ok, type Route, route } from "../route.ts";

export const v2Routes: Route[] = [
  route({
    method: "get",
    path: "/api/v2/feed",
    summary: "The feed, by likes, by time or by likes decayed by age",
    query: FeedQuery,
    answers: { 200: TweetPageV2 },
    problems: ["ValidationError"],
    handle: ({ person, query }, { feedV2 }) => {
      const body = feedV2.read(person.id, query);
      return body instanceof Promise ? body.then(ok) : ok(body);
    },
  }),
  route({
    method: "get",
    path: "/api/v2/tweets/:id",
    summary: "One tweet",
    answers: { 200: TweetAnswerV2 },
    problems: ["NotFound"],
    handle: async ({ person, id }, { tweetPages }) => ok(await tweetPages.one(person.id, id)),
  }),
  route({
    method: "get",
    path: "/api/v2/users",
    summary: "People by the beginning of their name, in any case",
    query: PeopleQuery,
    answers: { 200: PeoplePageV2 },
    problems: ["ValidationError"],
    handle: async ({ person, query }, { ctx }) =>
      ok({ result: true, ...(await findPeople(ctx, person.id, query)) }),
  }),
  route({
    method: "get",
    path: "/api/v2/users/me",
    summary: "One's own profile",
    answers: { 200: ProfileAnswerV2 },
    problems: [],
    handle: async ({ person }, { ctx }) =>
      ok({ result: true, user: await readProfileV2(ctx, person.id, person.id) }),
  }),
  route({
    method: "get",
    path: "/api/v2/users/suggested",
    summary: "Whom to follow: the most followed whom one does not follow yet",
    query: LimitQuery,
    answers: { 200: PeopleV2 },
    problems: ["ValidationError"],
    handle: async ({ person, query }, { ctx }) =>
      ok({ result: true, users: await suggestPeople(ctx, person.id, query.limit) }),
  }),
  route({
    method: "get",
    path: "/api/v2/users/:id",
    summary: "A person's profile",
    answers: { 200: ProfileAnswerV2 },
    problems: ["NotFound"],
    handle: async ({ person, id }, { ctx }) =>
      ok({ result: true, user: await readProfileV2(ctx, person.id, id) }),
  }),
  route({
    method: "get",
    path: "/api/v2/users/:id/tweets",
    summary: "A person's tweets, newest first",
    query: PageQuery,
    answers: { 200: TweetPageV2 },
    problems: ["NotFound", "ValidationError"],
    handle: async ({ person, id, query }, { tweetPages }) =>
      ok(await tweetPages.ofAuthor(person.id, id, query)),
  }),
  ...(["followers", "following"] as const).map((list) =>
    route({
      method: "get",
      path: `/api/v2/users/:id/${list}`,
      summary: list === "followers" ? "Who follows a person" : "Whom a person follows",
      query: PageQuery,
      answers: { 200: PeoplePageV2 },
      problems: ["NotFound", "ValidationError"],
      handle: async ({ person, id, query }, { ctx }) =>
        ok({ result: true, ...(await readFollows(ctx, person.id, id, list, query)) }),
    }),
  ),
];
