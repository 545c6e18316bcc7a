import assert from "node:assert/strict";
import { migrate, openDatabase } from "../../src/infra/database.ts";
import { Service } from "../service.ts";

describe("the schema", () => {
  let service: Service;
  let url: string;
  before(async () => {
    service = await Service.start({ apis: 0, workers: 0 });
    url = service.environment.DATABASE_URL as string;
  });
  after(() => service.stop());

  it("is the same in the migrations and in the entities", async () => {
    const db = await openDatabase(url, 1);
    try {
      assert.equal((await db.orm.schema.getUpdateSchemaSQL({ wrap: false })).trim(), "");
    } finally {
      await db.close();
    }
  });

  it("is migrated once, whoever comes at the same time or later", async () => {
    assert.deepEqual(await Promise.all([migrate(url), migrate(url), migrate(url)]), [0, 0, 0]);
  });

  it("refuses likes and follows twice, and what refers to nothing", async () => {
    const [ann, bob] = await service.addUsers(2);
    const refuses = (sql: string, code: string) =>
      assert.rejects(service.db.query(sql), { code }, sql);
    const { rows } = await service.db.query(
      `insert into tweets (author_id, content) values (${ann?.id}, 'x') returning id`,
    );
    const like = `insert into likes (user_id, tweet_id) values (${bob?.id}, ${rows[0].id})`;
    const follow = `insert into follows (follower_id, followee_id) values (${ann?.id}, ${bob?.id})`;
    await service.db.query(like);
    await service.db.query(follow);
    await refuses(like, "23505");
    await refuses(follow, "23505");
    await refuses(`insert into likes (user_id, tweet_id) values (${bob?.id}, 999999)`, "23503");
    await refuses("insert into tweets (author_id, content) values (999999, 'x')", "23503");
  });
});
