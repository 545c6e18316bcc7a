/** `npm run users`: people's accounts from the command line. There is no registration: the company
 * makes the accounts. Works on the configured database, on that of a running `npm start`, or on the
 * embedded one, which is then started for the moment. */
import { Command, InvalidArgumentError } from "commander";
import { ConfigError, loadConfig } from "./base/config.ts";
import { Problem } from "./contract/errors.ts";
import { migrate, openDatabase } from "./infra/database.ts";
import { DataDirLocked } from "./infra/embedded/data-dir-lock.ts";
import { withDatabase } from "./infra/embedded/running-service.ts";
import { Accounts } from "./services/accounts.ts";

interface Options {
  json?: boolean;
  key?: string;
}

const parseId = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("An id is a whole number.");
  return Number(text);
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

const program = new Command("npm run users --")
  .description("Adds, lists, disables and enables people, and gives them new keys.")
  .showHelpAfterError();

program
  .command("add")
  .description("add a person; prints the id and the key")
  .argument("<name>")
  .option("--key <key>", "use this key instead of a random one")
  .option("--json", "print JSON")
  .action((name: string, options: Options) =>
    withAccounts(async (accounts) => {
      const added = await accounts.add(name, options.key);
      say(options, added, `id   ${added.id}\nkey  ${added.key}  ${ONCE}`);
    }),
  );

program
  .command("list")
  .description("list all people")
  .option("--json", "print JSON")
  .action((options: Options) =>
    withAccounts(async (accounts) => {
      const people = await accounts.list();
      const lines = people.map(
        ({ id, name, disabled }) =>
          `${String(id).padStart(6)}  ${name}${disabled ? "  (disabled)" : ""}`,
      );
      say(options, people, lines.join("\n"));
    }),
  );

program
  .command("rotate")
  .description("replace a person's keys by a new one; prints it")
  .argument("<id>", "the person's id", parseId)
  .option("--json", "print JSON")
  .action((id: number, options: Options) =>
    withAccounts(async (accounts) => {
      const rotated = await accounts.rotate(id);
      say(options, rotated, `key  ${rotated.key}  ${ONCE}`);
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

try {
  await program.parseAsync();
} catch (error) {
  const expected =
    error instanceof Problem || error instanceof ConfigError || error instanceof DataDirLocked;
  console.error(expected ? error.message : error);
  process.exitCode = 1;
}
