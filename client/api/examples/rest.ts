// Posts a tweet, shows the feed, and likes what is on top of it:
//
//   node client/api/examples/rest.ts --url http://localhost:8000 --key test
import { ApiError } from "../errors.ts";
import { Rest } from "../rest.ts";
import { serviceFromArguments } from "./arguments.ts";

const rest = new Rest(serviceFromArguments());
try {
  const me = await rest.me();
  console.log(`You are ${me.name} and follow ${me.following.length} people.`);

  const id = await rest.postTweet({ text: "Hello from a program." });
  console.log(`Posted: tweet ${id}`);

  const { tweets } = await rest.feed({ limit: 10 });
  for (const { author, content, likes_count } of tweets) {
    console.log(`${String(likes_count).padStart(4)} ♥  ${author.name}: ${content}`);
  }
  const [first] = tweets;
  if (first) await rest.setLiked(first.id, true);

  // Any call of /openapi.json, typed: what its answer has is known to the compiler.
  const { data } = await rest.calls.GET("/api/users/{id}", { params: { path: { id: me.id } } });
  console.log(`Followers: ${data?.user.followers.map(({ name }) => name).join(", ") || "none"}`);
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  console.error(`${error.type}: ${error.message}`);
  process.exitCode = 1;
}
