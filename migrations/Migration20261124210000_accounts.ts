import { Migration } from "@mikro-orm/migrations";

/** People by the company's own ids, and keys that expire. */
export class Migration20261124210000_accounts extends Migration {
  override up(): void {
    this.addSql(`alter table users add column external_id varchar(200) null`);
    this.addSql(`alter table users add constraint users_external_id_unique unique (external_id)`);
    this.addSql(`alter table api_keys add column expires_at timestamptz(3) null`);
    this.addSql(
      `create index api_keys_expires_at_index on api_keys (expires_at)
        where expires_at is not null`,
    );
  }

  override down(): void {
    this.addSql(`alter table api_keys drop column expires_at`);
    this.addSql(`alter table users drop column external_id`);
  }
}
