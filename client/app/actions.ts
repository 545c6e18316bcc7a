/** What a person does with a tweet or to another person: shown at once, and taken back, with the
 * reason told, when it is refused. */
import type { TweetV2 } from "../api/tweets.ts";
import { attempt } from "./account.ts";
import type { Person } from "./people.ts";
import type { Session } from "./session.ts";

export function like({ tweets, rest }: Session, { id, liked }: TweetV2): Promise<boolean> {
  tweets.setLiked(id, !liked);
  return attempt(async () => {
    try {
      await rest.setLiked(id, !liked);
      tweets.known.setLiked(id, !liked);
    } catch (error) {
      tweets.setLiked(id, liked);
      throw error;
    }
  });
}

export function remove({ tweets, rest }: Session, { id }: TweetV2): Promise<boolean> {
  tweets.hide(id);
  return attempt(async () => {
    try {
      await rest.deleteTweet(id);
      tweets.known.apply("tweet:deleted", { id });
    } finally {
      tweets.unhide(id);
    }
  });
}

export function follow(session: Session, { id, following }: Person): Promise<boolean> {
  const { people, rest, state } = session;
  people.setFollowing(id, !following);
  return attempt(async () => {
    try {
      await rest.setFollowing(id, !following);
    } catch (error) {
      people.setFollowing(id, following);
      throw error;
    }
    // Otherwise the event of it does.
    if (state.value !== "live") await session.readFeedsAnew();
  });
}
