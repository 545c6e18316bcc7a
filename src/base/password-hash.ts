/**
 * Passwords of operators, stored as `scrypt:N:r:p:salt:hash` (salt and hash as base64url; no `$`,
 * which Compose and shells would take for a variable).
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** 32 MiB and about 0.1 s. OWASP's Password Storage Cheat Sheet names N = 2^15, r = 8, p = 3 among
 * its equal choices. */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Costs are bounded, so that a mistyped one does not hold up the process. */
export const PASSWORD_HASH =
  /^scrypt:(?<N>\d{4,7}):(?<r>\d{1,2}):(?<p>\d{1,2}):(?<salt>[\w-]{22}):(?<hash>[\w-]{43})$/;

export const MIN_PASSWORD_LENGTH = 12;
export const MAX_PASSWORD_LENGTH = 1000;

const scryptOf = (password: string, salt: Buffer, { N, r, p }: typeof COST): Promise<Buffer> =>
  // As browsers and terminals may send the same letter in two forms.
  derive(password.normalize("NFC"), salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r });

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await scryptOf(password, salt, COST);
  const { N, r, p } = COST;
  return ["scrypt", N, r, p, salt.toString("base64url"), hash.toString("base64url")].join(":");
}

/** Whether this is the password of the hash. @throws Error when `stored` is no such hash. */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const parts = PASSWORD_HASH.exec(stored)?.groups;
  if (!parts) throw new Error("not a password's hash");
  const bytes = (name: string) => Buffer.from(parts[name] as string, "base64url");
  const cost = { N: Number(parts.N), r: Number(parts.r), p: Number(parts.p) };
  return timingSafeEqual(await scryptOf(password, bytes("salt"), cost), bytes("hash"));
}
