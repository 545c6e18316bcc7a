/** The page: who is signed in (`account`) → what they see (`session`) → the pages of the router. */
import { createApp } from "vue";
import App from "./App.vue";
import { begin } from "./account.ts";
import { i18n, showPreferred } from "./i18n.ts";
import { applyTheme } from "./preferences.ts";
import { router } from "./router.ts";
import "./style.css";

applyTheme();
addEventListener("vite:preloadError", () => void loadNewVersion());
void begin();
await showPreferred();
createApp(App).use(i18n).use(router).mount("#app");

/** A page that is open all day outlives its files: after an upgrade, those that it fetches later are
 * gone. Then it loads itself anew, if the server is there at all. */
async function loadNewVersion(): Promise<void> {
  const { ok } = await fetch("/", { method: "HEAD" }).catch(() => ({ ok: false }));
  if (ok) location.reload();
}
