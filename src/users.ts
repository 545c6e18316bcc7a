/** `npm run users`: people's accounts from the command line. There is no registration: the company
 * makes the accounts. Works on the configured database, on that of a running `npm start`, or on the
 * embedded one, which is then started for the moment. */
import { Command, InvalidArgumentError } from "commander";
import { loadConfig } from "./base/config.ts";
import { fail } from "./command-failure.ts";
import { type ImportCommand, importFile } from "./import-people.ts";
import { migrate, openDatabase } from "./infra/database.ts";
import { withDatabase } from "./infra/embedded/running-service.ts";
import { Accounts, type GivenKey } from "./services/accounts.ts";

interface Options {
  json?: boolean;
  key?: string;
  /** ms */
  expires?: number;
  /** ms */
  grace?: number;
}

const parseId = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("An id is a whole number.");
  return Number(text);
};

const MS_OF = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns ms. */
const parseTime = (text: string): number => {
  const [, number, unit] = /^([1-9]\d{0,4})([smhd])$/.exec(text) ?? [];
  if (!unit) throw new InvalidArgumentError("A time is a number and a unit: 30m, 24h, 7d.");
  return Number(number) * MS_OF[unit as keyof typeof MS_OF];
};

const withAccounts = (work: (accounts: Accounts) => Promise<void>): Promise<void> =>
  withDatabase(loadConfig(), async (databaseUrl) => {
    await migrate(databaseUrl);
    const db = await openDatabase(databaseUrl, 2);
    await work(new Accounts(db)).finally(() => db.close());
  });

const say = (options: Options, object: object, text: string): void =>
  console.log(options.json ? JSON.stringify(object) : text);

const ONCE = "(shown only now: keys are stored hashed)";

const sayKey = (options: Options, { id, key, expiresAt }: GivenKey, before = ""): void => {
  const until = expiresAt === null ? "" : `\nuntil ${expiresAt.toISOString()}`;
  const object = { id, key, ...(expiresAt && { key_expires_at: expiresAt }) };
  say(options, object, `${before}key  ${key}  ${ONCE}${until}`);
};

const isoOf = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

const program = new Command("npm run users --")
  .description("Adds, imports, lists, disables and enables people, and gives them new keys.")
  .showHelpAfterError("(npm run users -- help lists all commands)");

program
  .command("add")
  .description("add a person; prints the id and the key")
  .argument("<name>")
  .option("--key <key>", "use this key instead of a random one")
  .option("--expires <time>", "the key works for so long only, like 90d", parseTime)
  .option("--json", "print JSON")
  .action((name: string, options: Options) =>
    withAccounts(async (accounts) => {
      const added = await accounts.add(name, { key: options.key, expiresMs: options.expires });
      sayKey(options, added, `id   ${added.id}\n`);
    }),
  );

program
  .command("import")
  .description("make the accounts agree with a CSV file with the columns external_id and name")
  .argument("<file>")
  .option("--disable-absent", "disable who was imported before and is not in the file")
  .option("--keys-to <file>", "write the new keys into this new file instead of printing them")
  .option("--dry-run", "only show what would be done")
  .option("--json", "print JSON")
  .action((file: string, options: Options & ImportCommand) =>
    withAccounts(async (accounts) => {
      const { object, text } = await importFile(accounts, file, options);
      say(options, object, text);
    }),
  );

program
  .command("list")
  .description("list all people")
  .option("--json", "print JSON")
  .action((options: Options) =>
    withAccounts(async (accounts) => {
      const people = await accounts.list();
      const lines = people.map(({ id, name, externalId, disabled, keys, nextExpiryMs }) => {
        const end = isoOf(nextExpiryMs);
        const notes = [
          disabled ? "disabled" : [],
          keys === 1 ? "1 key" : `${keys || "no"} keys`,
          end ? `${keys === 1 ? "" : "first "}until ${end}` : [],
          externalId === null ? [] : `external id ${externalId}`,
        ];
        return `${String(id).padStart(6)}  ${name}  (${notes.flat().join(", ")})`;
      });
      const json = people.map(({ externalId, nextExpiryMs, ...rest }) => ({
        ...rest,
        external_id: externalId,
        next_key_expiry: isoOf(nextExpiryMs),
      }));
      say(options, json, lines.join("\n"));
    }),
  );

program
  .command("rotate")
  .description("replace a person's keys by a new one; prints it")
  .argument("<id>", "the person's id", parseId)
  .option("--grace <time>", "the old keys work for so long yet, like 24h", parseTime)
  .option("--expires <time>", "the new key works for so long only, like 90d", parseTime)
  .option("--json", "print JSON")
  .action((id: number, options: Options) =>
    withAccounts(async (accounts) => {
      const times = { graceMs: options.grace, expiresMs: options.expires };
      sayKey(options, await accounts.rotate(id, times));
    }),
  );

program
  .command("disable")
  .description("refuse a person's keys and close their connections; nothing is deleted")
  .argument("<id>", "the person's id", parseId)
  .option("--json", "print JSON")
  .action((id: number, options: Options) =>
    withAccounts(async (accounts) => {
      await accounts.disable(id);
      say(options, { id, disabled: true }, `user ${id} is disabled`);
    }),
  );

program
  .command("enable")
  .description("take a person's keys again")
  .argument("<id>", "the person's id", parseId)
  .option("--json", "print JSON")
  .action((id: number, options: Options) =>
    withAccounts(async (accounts) => {
      await accounts.enable(id);
      say(options, { id, disabled: false }, `user ${id} is enabled`);
    }),
  );

await program.parseAsync().catch(fail);
