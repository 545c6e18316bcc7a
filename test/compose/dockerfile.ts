/** The Dockerfile, read as its stages and their steps. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerfileParser, type Instruction, ModifiableInstruction } from "dockerfile-ast";
import { ROOT } from "./compose-file.ts";

export interface Step {
  keyword: string;
  /** Without flags; variables of ARG put in. */
  args: string[];
  /** As written, without flags. */
  text: string;
  /** `from` of COPY. */
  flags: Record<string, string>;
}

export interface Stage {
  name: string;
  /** Another stage, or an image. */
  from: string;
  steps: Step[];
}

/** What an image says of itself, with what its stages inherit. */
export interface Target {
  user: string | undefined;
  ports: string[];
  env: Record<string, string>;
  workdir: string;
  stopSignal: string | undefined;
  command: string[];
  healthCheck: string[] | undefined;
}

const jsonOf = ({ text }: Step): string[] => JSON.parse(text.slice(text.indexOf("[")));

export function readDockerfile(file = join(ROOT, "Dockerfile")) {
  const args: Record<string, string> = {};
  const stages: Stage[] = [];
  for (const instruction of DockerfileParser.parse(readFileSync(file, "utf8")).getInstructions()) {
    const step = stepOf(instruction, args);
    if (step.keyword === "ARG") {
      const [name = "", value = ""] = (step.args[0] ?? "").split("=");
      args[name] = value;
    } else if (step.keyword === "FROM") {
      const [from = "", , name = from] = step.args;
      stages.push({ name, from, steps: [] });
    } else {
      stages.at(-1)?.steps.push(step);
    }
  }
  const stage = (name: string): Stage => {
    const found = stages.find((each) => each.name === name);
    if (!found) throw new Error(`the Dockerfile has no stage ${name}`);
    return found;
  };
  /** All steps that lead to this stage, the base image's left out. */
  const stepsTo = (name: string): Step[] => {
    const { from, steps } = stage(name);
    return stages.some((each) => each.name === from) ? [...stepsTo(from), ...steps] : steps;
  };
  return { stages, stage, target: (name: string): Target => targetOf(stepsTo(name)) };
}

function stepOf(instruction: Instruction, args: Record<string, string>): Step {
  const withArgs = (text: string) => text.replace(/\$\{(\w+)\}/g, (_, name) => args[name] ?? "");
  const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags() : [];
  return {
    keyword: instruction.getKeyword(),
    args: instruction.getArguments().map((argument) => withArgs(argument.getValue())),
    text: withArgs(instruction.getRawArgumentsContent() ?? ""),
    flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ""])),
  };
}

function targetOf(steps: Step[]): Target {
  const last = (keyword: string) => steps.findLast((step) => step.keyword === keyword);
  const all = (keyword: string) => steps.filter((step) => step.keyword === keyword);
  const command = last("CMD");
  const healthCheck = last("HEALTHCHECK");
  return {
    user: last("USER")?.args[0],
    ports: all("EXPOSE").flatMap(({ args }) => args),
    env: Object.fromEntries(
      all("ENV").flatMap(({ args }) => args.map((pair) => pair.split("=") as [string, string])),
    ),
    workdir: last("WORKDIR")?.args[0] ?? "/",
    stopSignal: last("STOPSIGNAL")?.args[0],
    command: command ? jsonOf(command) : [],
    healthCheck: healthCheck && jsonOf(healthCheck),
  };
}
