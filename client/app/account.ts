/** Who is signed in in this browser: one person, by a key that is kept until they sign out. */
import { shallowRef } from "vue";
import { backOff } from "../api/back-off.ts";
import { ApiError } from "../api/errors.ts";
import { Rest } from "../api/rest.ts";
import { reasonOf, tell } from "./notices.ts";
import { keep, kept, keptJson } from "./preferences.ts";
import { type Me, Session } from "./session.ts";

/** A fresh installation has a person with this key: tried once, where nobody has signed in yet. */
const FIRST_KEY = "test";

/** - `starting`: not known yet. - `unreachable`: tried again by itself.
 * - `signed-out`; - `refused`: the key that was used is not taken any more. - `signed-in`. */
export type Phase = "starting" | "unreachable" | "signed-out" | "refused" | "signed-in";

export const phase = shallowRef<Phase>("starting");
export const session = shallowRef<Session>();

/** Goes on as whoever was signed in before. Their name is known, so nothing waits for the server. */
export async function begin(attempt = 0): Promise<void> {
  const key = kept("key") ?? (kept("signed-out") ? undefined : FIRST_KEY);
  if (key === undefined) {
    phase.value = "signed-out";
    return;
  }
  const me = keptJson<Me & { key: string }>("me");
  if (me?.key === key) {
    open(key, me);
    return;
  }
  try {
    await signIn(key);
  } catch (error) {
    if (error instanceof ApiError && error.type === "Unauthorized") {
      phase.value = kept("key") ? "refused" : "signed-out";
      return;
    }
    phase.value = "unreachable";
    setTimeout(() => void begin(attempt + 1), backOff(attempt));
  }
}

/** @throws ApiError `Unauthorized` when the key is not taken; Offline. */
export async function signIn(key: string): Promise<void> {
  const me = await new Rest({ url: "", key }).me();
  keep("key", key);
  keep("signed-out", undefined);
  open(key, me);
}

export function signOut(): void {
  keep("signed-out", "yes");
  close("signed-out");
}

/** The key is not taken any more. What was being written stays for whoever signs in again. */
const refuse = (): void => close("refused");

function open(key: string, { id, name }: Me): void {
  session.value?.close();
  keep("me", JSON.stringify({ key, id, name }));
  session.value = new Session({ key, me: { id, name }, refused: refuse });
  phase.value = "signed-in";
}

function close(next: "signed-out" | "refused"): void {
  session.value?.close();
  session.value = undefined;
  keep("key", undefined);
  keep("me", undefined);
  phase.value = next;
}

/** Runs what may fail, and tells the person why it did. @returns whether it went well. */
export async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.type === "Unauthorized") refuse();
    else tell(reasonOf(error));
    return false;
  }
}
