/** The Lua scripts of the feed store: what must happen in Redis without anything in between. */
import type { Redis } from "ioredis";

/** KEYS: popular, hot, versions, epoch. ARGV: the epoch in which the scores were read, an epoch to
 * begin if there is none, then id, likes, hot, version, … Answers the present epoch; where it is
 * another one, nothing is written. */
const SCORE = `
local epoch = redis.call('GET', KEYS[4])
if not epoch then
  epoch = ARGV[2]
  redis.call('SET', KEYS[4], epoch)
end
if epoch ~= ARGV[1] then return epoch end
for i = 3, #ARGV, 4 do
  local known = redis.call('ZSCORE', KEYS[3], ARGV[i])
  if not known or tonumber(ARGV[i + 3]) > tonumber(known) then
    redis.call('ZADD', KEYS[1], ARGV[i + 1], ARGV[i])
    redis.call('ZADD', KEYS[2], ARGV[i + 2], ARGV[i])
    redis.call('ZADD', KEYS[3], ARGV[i + 3], ARGV[i])
  end
end
return epoch`;

/** KEYS: feeds. ARGV: tweet id, number to keep. Adds to the feeds that exist, and trims them. */
const FAN_OUT = `
local added = 0
for i = 1, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    redis.call('ZADD', KEYS[i], ARGV[1], ARGV[1])
    redis.call('ZREMRANGEBYRANK', KEYS[i], 0, -1 - tonumber(ARGV[2]))
    added = added + 1
  end
end
return added`;

/** KEYS: feed. ARGV: marker, number to keep, TTL, ids. Keeps the rebuild if its marker is there. */
const FINISH = `
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
for i = 4, #ARGV do redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i]) end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[2]))
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1`;

export type FeedScripts = Redis & {
  warbleScore(keys: number, ...args: (string | number)[]): Promise<string>;
  warbleFanOut(keys: number, ...args: (string | number)[]): Promise<number>;
  warbleFinish(keys: number, ...args: (string | number)[]): Promise<number>;
};

/** Gives the connection the scripts as commands (ioredis sends them by their hash). */
export function defineFeedScripts(redis: Redis): FeedScripts {
  redis.defineCommand("warbleScore", { lua: SCORE });
  redis.defineCommand("warbleFanOut", { lua: FAN_OUT });
  redis.defineCommand("warbleFinish", { lua: FINISH });
  return redis as FeedScripts;
}
