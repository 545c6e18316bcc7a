/** Carries out the Dockerfile's steps, each stage in a root directory of its own. */
import { cpSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import dockerignore from "@balena/dockerignore";
import { readDockerfile, type Step } from "../compose/dockerfile.ts";
import { type Inside, lendNetwork, run, runInside } from "./debian-root.ts";

const CA = "/etc/ssl/certs/ca-certificates.crt";

export class Build {
  readonly dockerfile = readDockerfile();
  readonly #dir: string;
  readonly #base: string;
  readonly #context: string;
  readonly #say: (line: string) => void;
  readonly #built = new Map<string, Promise<Inside>>();

  /** @param dir for the stages @param base the root of what `FROM` names from outside */
  constructor(dir: string, base: string, say: (line: string) => void) {
    this.#dir = dir;
    this.#base = base;
    this.#say = say;
    this.#context = join(dir, "context");
  }

  /** What the builder is sent: the clone, less what .dockerignore keeps back. */
  async prepareContext(root: string): Promise<number> {
    rmSync(this.#context, { recursive: true, force: true });
    const listed = await run("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root });
    const rules = dockerignore
      .default({ ignorecase: false })
      .add(readFileSync(join(root, ".dockerignore"), "utf8"));
    const files = listed.split("\n").filter((file) => file !== "" && !rules.ignores(file));
    for (const file of files) cpSync(join(root, file), join(this.#context, file));
    return files.length;
  }

  /** The root of a stage, with the user, directory and variables that its steps end with. */
  stage(name: string): Promise<Inside> {
    const known = this.#built.get(name);
    if (known) return known;
    const building = this.#build(name);
    this.#built.set(name, building);
    return building;
  }

  async #build(name: string): Promise<Inside> {
    const { from, steps } = this.dockerfile.stage(name);
    const isStage = this.dockerfile.stages.some((each) => each.name === from);
    const parent = isStage ? await this.stage(from) : undefined;
    const root = join(this.#dir, name);
    rmSync(root, { recursive: true, force: true });
    await run("cp", ["-a", "--reflink=auto", parent?.root ?? this.#base, root]);
    const inside: Inside = {
      workdir: "/",
      user: undefined,
      ...parent,
      env: { ...parent?.env },
      root,
    };
    for (const step of steps) {
      this.#say(`[${name}] ${step.keyword} ${step.text}`);
      await this.#carryOut(step, inside);
    }
    return inside;
  }

  async #carryOut(step: Step, inside: Inside): Promise<void> {
    const [first = ""] = step.args;
    switch (step.keyword) {
      case "WORKDIR":
        inside.workdir = first;
        mkdirSync(join(inside.root, first), { recursive: true });
        return;
      case "ENV":
        for (const pair of step.args) {
          const [name = "", value = ""] = pair.split(/=(.*)/s);
          inside.env[name] = value;
        }
        return;
      case "USER":
        inside.user = first;
        return;
      case "COPY":
        return this.#copy(step, inside);
      case "RUN": {
        lendNetwork(inside.root);
        const env = { ...inside.env, HOME: "/root", NODE_EXTRA_CA_CERTS: CA };
        const mounts = this.#caches(step, inside.root);
        await runInside({ ...inside, env, mounts }, ["sh", "-c", step.text]);
        return;
      }
      case "EXPOSE":
      case "HEALTHCHECK":
      case "STOPSIGNAL":
      case "CMD":
        return; // said of the image, and read from there
      default:
        throw new Error(`no way is known to carry out ${step.keyword}`);
    }
  }

  /** `--mount=type=cache,target=…`: kept from one build to the next, and in no image. */
  #caches({ flags }: Step, root: string): Record<string, string> {
    const target = /^type=cache,target=(.+)$/.exec(flags.mount ?? "")?.[1];
    if (target === undefined) return {};
    const kept = join(this.#dir, "caches", target);
    mkdirSync(kept, { recursive: true });
    mkdirSync(join(root, target), { recursive: true });
    return { [target]: kept };
  }

  /** Of directories the content is copied, as Docker does. */
  async #copy({ args, flags }: Step, { root, workdir }: Inside): Promise<void> {
    const source = flags.from ? (await this.stage(flags.from)).root : this.#context;
    const to = args.at(-1) as string;
    const target = join(root, resolve(workdir, to));
    for (const arg of args.slice(0, -1)) {
      const from = join(source, arg);
      const intoDirectory = to.endsWith("/") && !statSync(from).isDirectory();
      const place = intoDirectory ? join(target, basename(arg)) : target;
      cpSync(from, place, { recursive: true, verbatimSymlinks: true });
    }
  }
}
