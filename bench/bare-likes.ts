/** The least that could store likes: every one a transaction of its own, as many at once as the
 * pool has connections, each connection waiting for its commit. The first message gives the
 * database and the pairs; each later one how long to go on, and the answer is the rate. */
import pg from "pg";
import type { Pair } from "./likes.ts";

export interface BareLikes {
  databaseUrl: string;
  connections: number;
  pairs: Pair[];
}

/** The columns and the key of `likes`. */
const TABLE = `create table bare_likes (
  tweet_id int not null,
  user_id int not null,
  created_at timestamptz(3) not null default now(),
  primary key (tweet_id, user_id)
)`;
const FILL = "insert into bare_likes select tweet_id, user_id, created_at from likes";
const LIKE = { name: "like", text: "insert into bare_likes (tweet_id, user_id) values ($1, $2)" };
const UNLIKE = {
  name: "unlike",
  text: "delete from bare_likes where tweet_id = $1 and user_id = $2",
};

process.once("message", async ({ databaseUrl, connections, pairs }: BareLikes) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: connections });
  pool.on("error", () => undefined); // the run may be ended at any moment
  await pool.query(TABLE);
  await pool.query(FILL);
  await pool.query("vacuum analyze bare_likes");
  let next = 0;

  /** Ends with an unlike, so that each pair is free when it comes again. */
  const likeAndUnlike = async (until: number): Promise<number> => {
    let done = 0;
    while (performance.now() < until) {
      const values = pairs[next++ % pairs.length] as Pair;
      await pool.query({ ...LIKE, values });
      await pool.query({ ...UNLIKE, values });
      done += 2;
    }
    return done;
  };

  process.on("message", async (seconds: number) => {
    const startedAt = performance.now();
    const until = startedAt + seconds * 1000;
    const counts = await Promise.all(
      Array.from({ length: connections }, () => likeAndUnlike(until)),
    );
    const took = (performance.now() - startedAt) / 1000;
    process.send?.(counts.reduce((sum, count) => sum + count, 0) / took);
  });
  process.send?.({ ready: true });
});
process.once("disconnect", () => process.exit());
