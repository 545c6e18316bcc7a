import assert from "node:assert/strict";
import {
  PeoplePageV2,
  PeopleV2,
  ProfileAnswerV2,
  TweetAnswerV2,
} from "../../../src/contract/schemas-v2.ts";
import { Service, type TestUser } from "../../service.ts";
import { allPages, failsWith, idsOf, insertTweets, tweetPage } from "./pages.ts";

describe("tweets and people of /api/v2", () => {
  let service: Service;
  let ann: TestUser;
  let bob: TestUser;
  let cid: TestUser;
  before(async () => {
    service = await Service.start({ workers: 0 });
  });
  beforeEach(async () => {
    [ann, bob, cid] = (await service.addUsers(3)) as [TestUser, TestUser, TestUser];
  });
  after(() => service.stop());

  const get = (user: TestUser, path: string) => service.call(user, "GET", `/api/v2${path}`);
  const follow = (user: TestUser, other: TestUser) =>
    service.call(user, "POST", `/api/users/${other.id}/follow`);
  const people = async (user: TestUser, path: string) => {
    const { status, body } = await get(user, path);
    assert.equal(status, 200, JSON.stringify(body));
    return PeoplePageV2.parse(body);
  };
  const disable = (user: TestUser) =>
    service.db.query("update users set disabled_at = now() where id = $1", [user.id]);

  it("a tweet is answered by its id, also to strangers; 404 when it is gone", async () => {
    const id = await service.tweet(ann, "for all");
    await service.call(bob, "POST", `/api/tweets/${id}/likes`);
    const { tweet } = TweetAnswerV2.parse((await get(bob, `/tweets/${id}`)).body);
    assert.deepEqual(
      [tweet.id, tweet.content, tweet.likes_count, tweet.liked],
      [id, "for all", 1, true],
    );
    const { body } = await get(cid, `/tweets/${id}`);
    assert.equal(body.tweet.liked, false);
    await service.call(ann, "DELETE", `/api/tweets/${id}`);
    failsWith(await get(bob, `/tweets/${id}`), 404, "NotFound");
    for (const none of ["0", "abc", "999999999"]) {
      failsWith(await get(bob, `/tweets/${none}`), 404, "NotFound");
    }
  });

  it("a profile has counts, and how the caller stands to the person", async () => {
    await follow(ann, bob);
    await follow(cid, bob);
    await follow(bob, cid);
    const profile = async (user: TestUser, path: string) =>
      ProfileAnswerV2.parse((await get(user, path)).body).user;
    assert.deepEqual(await profile(ann, `/users/${bob.id}`), {
      id: bob.id,
      name: bob.name,
      followers_count: 2,
      following_count: 1,
      following: true,
      follows_you: false,
    });
    const his = await profile(cid, `/users/${bob.id}`);
    assert.deepEqual([his.following, his.follows_you], [true, true]);
    const me = await profile(bob, "/users/me");
    assert.deepEqual([me.id, me.following, me.follows_you], [bob.id, false, false]);
    failsWith(await get(ann, "/users/999999999"), 404, "NotFound");
    failsWith(await service.call(undefined, "GET", "/api/v2/users/me"), 401, "Unauthorized");
    failsWith(await service.call(ann, "DELETE", "/api/v2/users/me"), 405, "MethodNotAllowed");
  });

  it("a person's tweets come newest first, page by page", async () => {
    const posted = (await insertTweets(service, bob, 23)).reverse();
    await service.call(ann, "POST", `/api/tweets/${posted[3]}/likes`);
    const pages = await allPages(
      (path) => tweetPage(service, ann, path),
      `/api/v2/users/${bob.id}/tweets?limit=5`,
    );
    const tweets = pages.flatMap((page) => page.tweets);
    assert.deepEqual(idsOf(tweets), posted);
    assert.deepEqual(
      tweets.filter(({ liked }) => liked).map(({ id }) => id),
      [posted[3]],
    );
    assert.deepEqual((await get(bob, `/users/${cid.id}/tweets`)).body.tweets, []);
    failsWith(await get(ann, "/users/999999999/tweets"), 404, "NotFound");
    failsWith(await get(ann, `/users/${bob.id}/tweets?limit=x`), 422, "ValidationError");
    failsWith(await get(ann, `/users/${bob.id}/tweets?cursor=x`), 422, "ValidationError");
  });

  it("followers and followed come page by page, stable while others begin to follow", async () => {
    const fans = (await service.addUsers(7)).sort((a, b) => a.id - b.id);
    for (const fan of fans) await follow(fan, ann);
    await follow(bob, fans[2] as TestUser);
    const first = await people(bob, `/users/${ann.id}/followers?limit=3`);
    await follow(cid, ann); // stands before the first page
    const rest = await allPages(
      (path) => people(bob, path),
      `/users/${ann.id}/followers?limit=3`,
      first.next_cursor,
    );
    const all = [first, ...rest].flatMap(({ users }) => users);
    assert.deepEqual(idsOf(all), idsOf(fans));
    assert.deepEqual(
      all.map(({ following }) => following),
      fans.map((_, i) => i === 2),
    );
    assert.equal(all[2]?.followers_count, 1);
    const followed = await people(bob, `/users/${(fans[0] as TestUser).id}/following`);
    assert.deepEqual(followed, {
      result: true,
      users: [{ id: ann.id, name: ann.name, followers_count: 8, following: false }],
      next_cursor: null,
    });
    const cursor = first.next_cursor;
    failsWith(
      await get(bob, `/users/${ann.id}/following?cursor=${cursor}`),
      422,
      "ValidationError",
    );
    failsWith(await get(bob, "/users/999999999/followers"), 404, "NotFound");
  });

  describe("people by name", () => {
    const find = async (query: string) =>
      (await people(ann, `/users?query=${encodeURIComponent(query)}&limit=100`)).users.map(
        ({ name }) => name,
      );

    it("are found by how the name begins, in any case, in Latin and Cyrillic", async () => {
      for (const name of ["Zoë Quinn", "ZOË WEST", "Жанна Д", "жан Поль", "Дед Жанна"]) {
        await service.addUser(name);
      }
      assert.deepEqual(await find("zoë"), ["Zoë Quinn", "ZOË WEST"]);
      assert.deepEqual(await find("ZOË Q"), ["Zoë Quinn"]);
      assert.deepEqual(await find("ЖАН"), ["жан Поль", "Жанна Д"]);
      assert.deepEqual(await find("жанн"), ["Жанна Д"]);
      assert.deepEqual(await find("  жанн "), ["Жанна Д"]);
      assert.deepEqual(await find("nobody of this name"), []);
    });

    it("are found however й and ё are composed, and by е for ё", async () => {
      await service.addUser("Фёдор Зайцев".normalize("NFD"));
      await service.addUser("Фёдор Зимний".normalize("NFC"));
      for (const query of ["фёдор з", "ФЁДОР З", "федор з"]) {
        for (const form of ["NFC", "NFD"] as const) {
          const found = await find(query.normalize(form));
          assert.deepEqual(
            found.map((name) => name.normalize("NFC")),
            ["Фёдор Зайцев", "Фёдор Зимний"],
          );
        }
      }
      assert.equal((await find("Фёдор Зай".normalize("NFC"))).length, 1);
    });

    it("take signs that are wildcards elsewhere as they are", async () => {
      for (const name of ["100% Wool", "100 Wools", "a_b", "axb", "back\\slash"]) {
        await service.addUser(name);
      }
      assert.deepEqual(await find("100%"), ["100% Wool"]);
      assert.deepEqual(await find("a_"), ["a_b"]);
      assert.deepEqual(await find("%"), []);
      assert.deepEqual(await find("_"), []);
      assert.deepEqual(await find("back\\"), ["back\\slash"]);
      assert.deepEqual(await find("' or 1=1 --"), []);
    });

    it("come page by page, namesakes too; without a query everybody does", async () => {
      const namesakes = await Promise.all(
        Array.from({ length: 7 }, () => service.addUser("Namesake Иванов")),
      );
      const expected = idsOf(namesakes).sort((a, b) => a - b);
      const pages = await allPages((path) => people(ann, path), "/users?query=namesake&limit=2");
      assert.deepEqual(
        pages.flatMap(({ users }) => idsOf(users)),
        expected,
      );
      const everybody = await allPages((path) => people(ann, path), "/users?limit=50");
      const { rows } = await service.db.query(
        "select id from users where disabled_at is null order by search_name, id",
      );
      assert.deepEqual(
        everybody.flatMap(({ users }) => idsOf(users)),
        idsOf(rows),
      );
    });

    it("who are disabled are not found or suggested, but keep profile, tweets and followers", async () => {
      const gone = await service.addUser("Gone Away");
      const id = await service.tweet(gone, "still here");
      await follow(ann, gone);
      await disable(gone);
      assert.deepEqual(await find("gone away"), []);
      assert.equal((await get(ann, `/users/${gone.id}`)).body.user.followers_count, 1);
      assert.deepEqual(idsOf((await get(ann, `/users/${gone.id}/tweets`)).body.tweets), [id]);
      assert.deepEqual(idsOf((await people(ann, `/users/${ann.id}/following`)).users), [gone.id]);
    });

    it("refuse text that no name can have", async () => {
      for (const query of ["%00", "x".repeat(201)]) {
        failsWith(await get(ann, `/users?query=${query}`), 422, "ValidationError", /query must be/);
      }
      failsWith(await get(ann, "/users?cursor=x"), 422, "ValidationError", /next_cursor/);
    });
  });

  it("suggests the most followed whom the caller does not follow yet", async () => {
    const fans = await service.addUsers(6);
    for (const fan of fans) await follow(fan, ann);
    for (const fan of fans.slice(0, 5)) await follow(fan, bob);
    for (const fan of fans.slice(0, 4)) await follow(fan, cid);
    const suggested = async (user: TestUser, query = "") =>
      PeopleV2.parse((await get(user, `/users/suggested${query}`)).body).users;
    const newcomer = await service.addUser();
    const top = [ann, bob, cid].map(({ id }) => id);
    const whole = await suggested(newcomer, "?limit=100");
    const counts = whole.map((person) => person.followers_count);
    assert.deepEqual(
      counts,
      [...counts].sort((a, b) => b - a),
    );
    const ours = (all: { id: number }[]) => idsOf(all).filter((id) => top.includes(id));
    assert.deepEqual(ours(whole), top);
    await follow(newcomer, bob);
    assert.deepEqual(ours(await suggested(newcomer, "?limit=100")), [ann.id, cid.id]);
    assert.deepEqual(ours(await suggested(ann, "?limit=100")), [bob.id, cid.id]);
    assert.equal((await suggested(newcomer, "?limit=2")).length, 2);
    await disable(cid);
    assert.deepEqual(ours(await suggested(newcomer, "?limit=100")), [ann.id]);
    failsWith(await get(ann, "/users/suggested?limit=0"), 422, "ValidationError");
  });
});
