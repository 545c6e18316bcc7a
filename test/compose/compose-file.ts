/** `docker-compose.yml` as Compose takes it: variables put in, merge keys resolved. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export const ROOT = join(import.meta.dirname, "../..");

export interface ComposeService {
  image: string;
  build?: { context: string; target: string };
  user?: string;
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string | null>;
  ports?: string[];
  volumes?: (string | { source: string; target: string; read_only?: boolean })[];
  networks?: string[];
  tmpfs?: string[];
  profiles?: string[];
  restart?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  deploy?: { replicas?: number; resources: { limits: Record<string, string | number> } };
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  volumes: Record<string, null>;
  networks: Record<string, null>;
}

export const composeText = readFileSync(join(ROOT, "docker-compose.yml"), "utf8");

/** What has to be set at least. */
export const SECRETS = { POSTGRES_PASSWORD: "secret1", REDIS_PASSWORD: "secret2" };

const VARIABLE = /\$\{(\w+)(?:(:-|:\?)([^}]*))?\}/g;

/** The names of the variables that the file asks for. */
export const variables = new Set([...composeText.matchAll(VARIABLE)].map(([, name = ""]) => name));

/** @throws Error with the file's own words when a variable is missing that has to be set. */
export function loadCompose(env: Record<string, string> = SECRETS): ComposeFile {
  const filled = (text: string): string =>
    text.replaceAll(VARIABLE, (_, name, kind, rest) => {
      const value = env[name] ?? "";
      if (value === "" && kind === ":?") throw new Error(`${name} ${rest}`);
      return value === "" && kind === ":-" ? rest : value;
    });
  const walk = (node: unknown): unknown => {
    if (typeof node === "string") return filled(node);
    if (Array.isArray(node)) return node.map(walk);
    if (node === null || typeof node !== "object") return node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value)]));
  };
  return walk(parse(composeText, { merge: true })) as ComposeFile;
}

/** Variables of `.env.example`: those that are set there, and those that are commented out. */
export function envExample(): { name: string; value: string; set: boolean }[] {
  const text = readFileSync(join(ROOT, ".env.example"), "utf8");
  const lines = text.matchAll(/^(#?)([A-Z][A-Z0-9_]*)=(.*)$/gm);
  return [...lines].map(([, comment, name = "", value = ""]) => ({ name, value, set: !comment }));
}
