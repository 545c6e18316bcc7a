import { Migration } from "@mikro-orm/migrations";

/** The first schema. The tables' reasons stand in `src/entities/entities.ts`. */
export class Migration20261124000000_initial extends Migration {
  override up(): void {
    this.addSql(`
      create table users (
        id serial primary key,
        name varchar(200) not null,
        disabled_at timestamptz(3) null,
        followers_count int not null default 0,
        following_count int not null default 0,
        created_at timestamptz(3) not null default now()
      )`);
    this.addSql(`
      create table api_keys (
        hash bytea not null primary key,
        user_id int not null,
        created_at timestamptz(3) not null default now(),
        constraint api_keys_user_id_foreign foreign key (user_id)
          references users (id) on delete cascade
      )`);
    this.addSql(`create index api_keys_user_id_index on api_keys (user_id)`);

    // The counter and version columns change with every like; room on the page keeps those updates
    // heap-only (no index entry is written), as none of the changed columns is indexed.
    this.addSql(`
      create table tweets (
        id serial primary key,
        author_id int not null,
        content text not null,
        likes_count int not null default 0,
        version int not null default 0,
        created_at timestamptz(3) not null default now(),
        constraint tweets_author_id_foreign foreign key (author_id)
          references users (id) on delete cascade
      ) with (fillfactor = 80)`);
    this.addSql(`create index tweets_author_id_id_index on tweets (author_id, id)`);

    this.addSql(`
      create table likes (
        tweet_id int not null,
        user_id int not null,
        created_at timestamptz(3) not null default now(),
        primary key (tweet_id, user_id),
        constraint likes_tweet_id_foreign foreign key (tweet_id)
          references tweets (id) on update cascade on delete cascade,
        constraint likes_user_id_foreign foreign key (user_id)
          references users (id) on update cascade on delete cascade
      )`);
    this.addSql(`create index likes_user_id_tweet_id_index on likes (user_id, tweet_id)`);

    this.addSql(`
      create table follows (
        follower_id int not null,
        followee_id int not null,
        created_at timestamptz(3) not null default now(),
        primary key (follower_id, followee_id),
        constraint follows_follower_id_foreign foreign key (follower_id)
          references users (id) on update cascade on delete cascade,
        constraint follows_followee_id_foreign foreign key (followee_id)
          references users (id) on update cascade on delete cascade
      )`);
    this.addSql(`
      create index follows_followee_id_follower_id_index on follows (followee_id, follower_id)`);

    this.addSql(`
      create table media (
        id serial primary key,
        owner_id int not null,
        tweet_id int null,
        position smallint not null default 0,
        token varchar(22) not null,
        status text not null default 'processing',
        width int null,
        height int null,
        placeholder text null,
        variants jsonb not null default '[]',
        created_at timestamptz(3) not null default now(),
        constraint media_token_unique unique (token),
        constraint media_status_check check (status in ('processing', 'ready', 'failed')),
        constraint media_owner_id_foreign foreign key (owner_id)
          references users (id) on delete cascade,
        constraint media_tweet_id_foreign foreign key (tweet_id)
          references tweets (id) on delete cascade
      )`);
    this.addSql(`create index media_tweet_id_position_index on media (tweet_id, position)`);
    this.addSql(`create index media_owner_id_index on media (owner_id)`);
    this.addSql(`create index media_orphans_index on media (created_at) where tweet_id is null`);
    this.addSql(`
      create index media_processing_index on media (created_at) where status = 'processing'`);

    this.addSql(`
      create table events (
        id bigserial primary key,
        type varchar(32) not null,
        payload jsonb not null,
        created_at timestamptz(3) not null default now(),
        due_at timestamptz(3) not null default now() + interval '2 seconds',
        delivered_at timestamptz(3) null
      )`);
    this.addSql(
      `create index events_undelivered_index on events (due_at) where delivered_at is null`,
    );
    this.addSql(`create index events_created_at_index on events (created_at)`);
  }

  override down(): void {
    this.addSql(`drop table events, media, follows, likes, tweets, api_keys, users`);
  }
}
