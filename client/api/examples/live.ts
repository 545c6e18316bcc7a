// Prints what happens, as it happens, until Ctrl-C:
//
//   node client/api/examples/live.ts --url http://localhost:8000 --key test
import { Live } from "../live.ts";
import { Rest } from "../rest.ts";
import { Tweets } from "../tweets.ts";
import { serviceFromArguments } from "./arguments.ts";

const service = serviceFromArguments();
const rest = new Rest(service);

const live = new Live({
  ...service,
  // At the start, and when more was missed than the server keeps.
  reload: async () => {
    const me = await rest.me();
    console.log(`Hello, ${me.name}. You follow ${me.following.length} people.`);
  },
  show: (state) => {
    console.log(`[${state}]`);
    if (state === "refused") process.exitCode = 1;
  },
});

// Events may come twice, and late after a broken connection: `Tweets` puts them in order.
const tweets = new Tweets(live);
tweets.subscribe((id, tweet) => {
  if (!tweet) console.log(`tweet ${id} is gone`);
  else console.log(`tweet ${id} by ${tweet.author.name}, ${tweet.likes_count} ♥: ${tweet.content}`);
});
live.on("user:follow", ({ follower, followee, following }) => {
  console.log(`${follower.name} ${following ? "follows" : "no longer follows"} ${followee.name}`);
});

process.once("SIGINT", () => live.close());
