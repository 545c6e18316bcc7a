/** `npm run migrate`: brings the tables of the configured database, or of the embedded one, to the
 * newest migration. Once before the API and the workers of a new version start. */
import { loadConfig } from "./base/config.ts";
import { fail } from "./command-failure.ts";
import { migrate } from "./infra/database.ts";
import { withDatabase } from "./infra/embedded/running-service.ts";

try {
  const applied = await withDatabase(loadConfig(), (url) => migrate(url));
  console.log(`Database: ${applied === 0 ? "up to date" : `${applied} migrations applied`}`);
} catch (error) {
  fail(error);
}
