import { Migration } from "@mikro-orm/migrations";

/** Events know the requests that they come from. */
export class Migration20261125010000_request_id extends Migration {
  override up(): void {
    this.addSql(`alter table events add column request_ids text[] not null default '{}'`);
  }

  override down(): void {
    this.addSql(`alter table events drop column request_ids`);
  }
}
