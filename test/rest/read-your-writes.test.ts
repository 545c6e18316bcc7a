import assert from "node:assert/strict";
import { Service, type TestUser } from "../service.ts";

const ROUNDS = 25;

describe("after a 2xx the caller's next read shows it, whichever process answers:", () => {
  let service: Service;
  let ann: TestUser;
  let bob: TestUser;
  before(async () => {
    service = await Service.start({ apis: 3 });
    [ann, bob] = (await service.addUsers(2)) as [TestUser, TestUser];
  });
  after(() => service.stop());

  /** Writes by one process, then asks all of them; `check` looks at what each answers. */
  async function everywhere(
    write: (api: number) => Promise<{ status: number }>,
    read: string,
    check: (body: { tweets: never[]; user: never }, api: number) => void,
  ): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const answer = await write(round % 3);
      assert.ok(answer.status < 300, `status ${answer.status}`);
      for (let api = 0; api < 3; api++) {
        check((await service.call(ann, "GET", read, undefined, api)).body, api);
      }
    }
  }

  it("a tweet, and its deletion", async () => {
    const ids: number[] = [];
    const inFeed = (body: { tweets: { id: number }[] }) => body.tweets.map(({ id }) => id);
    await everywhere(
      async (api) => {
        ids.push(await service.tweet(ann, "new", undefined, api));
        return { status: 201 };
      },
      "/api/tweets",
      (body) => assert.ok(inFeed(body).includes(ids.at(-1) as number)),
    );
    let gone: number;
    await everywhere(
      (api) => {
        gone = ids.pop() as number;
        return service.call(ann, "DELETE", `/api/tweets/${gone}`, undefined, api);
      },
      "/api/tweets",
      (body) => assert.equal(inFeed(body).includes(gone), false),
    );
  });

  it("a like, and its end", async () => {
    const id = await service.tweet(ann, "to be liked");
    let liked = false;
    await everywhere(
      (api) => {
        liked = !liked;
        const method = liked ? "POST" : "DELETE";
        return service.call(ann, method, `/api/tweets/${id}/likes`, undefined, api);
      },
      "/api/tweets?offset=1&limit=5",
      ({ tweets }: { tweets: { id: number; likes: object[] }[] }) => {
        assert.equal(tweets.find((tweet) => tweet.id === id)?.likes.length, liked ? 1 : 0);
      },
    );
  });

  it("a like, and its end, in every order of /api/v2/feed and of the tweet itself", async () => {
    const id = await service.tweet(ann, "to be liked");
    let liked = false;
    const toggle = (api: number) => {
      liked = !liked;
      const method = liked ? "POST" : "DELETE";
      return service.call(ann, method, `/api/tweets/${id}/likes`, undefined, api);
    };
    const shows = (tweet: { liked: boolean; likes_count: number } | undefined) =>
      assert.deepEqual([tweet?.liked, tweet?.likes_count], liked ? [true, 1] : [false, 0]);
    for (const sort of ["popular", "new", "hot"]) {
      await everywhere(
        toggle,
        `/api/v2/feed?sort=${sort}`,
        ({ tweets }: { tweets: { id: number; liked: boolean; likes_count: number }[] }) =>
          shows(tweets.find((tweet) => tweet.id === id)),
      );
    }
    for (let round = 0; round < ROUNDS; round++) {
      await toggle(round % 3);
      for (let api = 0; api < 3; api++) {
        shows((await service.call(ann, "GET", `/api/v2/tweets/${id}`, undefined, api)).body.tweet);
      }
    }
  });

  it("a tweet, and its deletion, in every order of /api/v2/feed", async () => {
    for (const sort of ["popular", "new", "hot"]) {
      let id = 0;
      const path = `/api/v2/feed?sort=${sort}&limit=100`;
      const shown = ({ tweets }: { tweets: { id: number }[] }) =>
        tweets.some((tweet) => tweet.id === id);
      for (let round = 0; round < ROUNDS; round++) {
        id = await service.tweet(ann, "new", undefined, round % 3);
        for (let api = 0; api < 3; api++) {
          assert.ok(shown((await service.call(ann, "GET", path, undefined, api)).body));
        }
        await service.call(ann, "DELETE", `/api/tweets/${id}`, undefined, (round + 1) % 3);
        for (let api = 0; api < 3; api++) {
          assert.equal(shown((await service.call(ann, "GET", path, undefined, api)).body), false);
        }
      }
    }
  });

  it("a follow, and its end, in the feed and in the profile", async () => {
    const id = await service.tweet(bob, "of bob");
    let following = false;
    const toggle = (api: number) => {
      following = !following;
      const method = following ? "POST" : "DELETE";
      return service.call(ann, method, `/api/users/${bob.id}/follow`, undefined, api);
    };
    await everywhere(toggle, "/api/tweets", ({ tweets }: { tweets: { id: number }[] }) => {
      assert.equal(
        tweets.some((tweet) => tweet.id === id),
        following,
      );
    });
    await everywhere(toggle, "/api/users/me", ({ user }: { user: { following: object[] } }) => {
      assert.equal(user.following.length, following ? 1 : 0);
    });
  });
});
