import { Migration } from "@mikro-orm/migrations";

/** The outbox can be read as a log: what concerns one author or one person since a moment. */
export class Migration20261124203000_event_log extends Migration {
  override up(): void {
    // `now()` is when the transaction began, which may have waited for locks since.
    this.addSql(`
      alter table events
        alter column created_at set default clock_timestamp(),
        alter column due_at set default clock_timestamp() + interval '2 seconds'`);
    this.addSql(`
      create index events_author_index on events (((payload ->> 'authorId')::int), due_at)`);
    this.addSql(`
      create index events_follower_index on events (((payload ->> 'followerId')::int), due_at)
        where type = 'user:follow'`);
    this.addSql(`
      create index events_followee_index on events (((payload ->> 'followeeId')::int), due_at)
        where type = 'user:follow'`);
  }

  override down(): void {
    this.addSql(`drop index events_author_index, events_follower_index, events_followee_index`);
    this.addSql(`
      alter table events
        alter column created_at set default now(),
        alter column due_at set default now() + interval '2 seconds'`);
  }
}
