/** Compiles the messages of `app/locales` when the page is built, so that it brings no compiler of
 * them: plain texts stay as they are, those with `{…}` or `|` become the trees that vue-i18n reads. */
import { baseCompile } from "@intlify/message-compiler";
import type { Plugin } from "vite";

type Messages = { [key: string]: string | Messages };

const LOCALE = /\/app\/locales\/\w+\.json$/;
const HAS_SYNTAX = /[{}|@]/;

const compiled = (messages: Messages): object =>
  Object.fromEntries(
    Object.entries(messages).map(([key, message]) => {
      if (typeof message !== "string") return [key, compiled(message)];
      return [key, HAS_SYNTAX.test(message) ? tree(message) : message];
    }),
  );

/** @throws Error when the message has a fault. */
function tree(message: string): object {
  const onError = (error: Error) => {
    throw new Error(`${error.message}: ${message}`);
  };
  return baseCompile(message, { jit: true, minify: true, location: false, onError }).ast;
}

export const compiledMessages = (): Plugin => ({
  name: "warble:compiled-messages",
  enforce: "pre",
  transform: (code, id) =>
    LOCALE.test(id) ? { code: JSON.stringify(compiled(JSON.parse(code))), map: null } : null,
});
