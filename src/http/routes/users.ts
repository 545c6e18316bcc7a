import { Done, ProfileAnswer } from "../../contract/schemas.ts";
import { follow } from "../../services/follows.ts";
import { readProfile } from "../../services/people.ts";
import { done, ok, type Route, route } from "../route.ts";

export const userRoutes: Route[] = [
  route({
    method: "get",
    path: "/api/users/me",
    summary: "One's own profile",
    answers: { 200: ProfileAnswer },
    problems: [],
    handle: async ({ person }, { ctx }) =>
      ok({ result: true, user: await readProfile(ctx, person.id) }),
  }),
  route({
    method: "get",
    path: "/api/users/:id",
    summary: "A person's profile",
    answers: { 200: ProfileAnswer },
    problems: ["NotFound"],
    handle: async ({ id }, { ctx }) => ok({ result: true, user: await readProfile(ctx, id) }),
  }),
  route({
    method: "post",
    path: "/api/users/:id/follow",
    summary: "Follow a person; 200 when followed already",
    answers: { 201: Done, 200: Done },
    problems: ["Forbidden", "NotFound"],
    handle: async ({ person, id, requestId }, { ctx }) =>
      done(await follow(ctx, person.id, id, true, requestId)),
  }),
  route({
    method: "delete",
    path: "/api/users/:id/follow",
    summary: "Unfollow a person; harmless when not followed",
    answers: { 200: Done },
    problems: ["Forbidden", "NotFound"],
    handle: async ({ person, id, requestId }, { ctx }) => {
      await follow(ctx, person.id, id, false, requestId);
      return ok({ result: true });
    },
  }),
];
