import { Migration } from "@mikro-orm/migrations";

/** What `/api/v2` needs: people by name and by followers, and requests that may be repeated. */
export class Migration20261124220000_api_v2 extends Migration {
  override up(): void {
    // `lower` folds only what its collation knows, and the database may have any; a C locale would
    // leave Cyrillic as it is. So the function names a collation that knows all of Unicode: the
    // built-in one of PostgreSQL 17, else ICU's, else the database's own. It is NFKC, so that й and
    // ё are found however they are composed, and ё is as е, as people write it.
    this.addSql(`
      do $do$
      declare
        fold text;
      begin
        select 'collate pg_catalog.' || quote_ident(collname) into fold
          from pg_collation
         where collnamespace = 'pg_catalog'::regnamespace and collname in ('pg_c_utf8', 'und-x-icu')
         order by collname
         limit 1;
        execute format($create$
          create function search_name(name text) returns text
            language sql immutable strict parallel safe
            return translate(lower(normalize(name, nfkc) %s), 'ё', 'е') collate "C"
        $create$, coalesce(fold, ''));
      end
      $do$`);
    this.addSql(`
      alter table users add column search_name text collate "C"
        generated always as (search_name(name)) stored`);
    this.addSql(`
      create index users_search_name_id_index on users (search_name, id) where disabled_at is null`);
    this.addSql(`
      create index users_followers_count_id_index on users (followers_count, id)
        where disabled_at is null`);

    this.addSql(`
      create table idempotency_keys (
        user_id int not null,
        key varchar(200) not null,
        body_hash bytea not null,
        tweet_id int null,
        created_at timestamptz(3) not null default now(),
        primary key (user_id, key),
        constraint idempotency_keys_user_id_foreign foreign key (user_id)
          references users (id) on delete cascade
      )`);
    this.addSql(`create index idempotency_keys_created_at_index on idempotency_keys (created_at)`);
  }

  override down(): void {
    this.addSql(`drop table idempotency_keys`);
    this.addSql(`drop index users_followers_count_id_index, users_search_name_id_index`);
    this.addSql(`alter table users drop column search_name`);
    this.addSql(`drop function search_name`);
  }
}
