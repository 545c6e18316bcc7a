/** The page: who is signed in (`account`) → what they see (`session`) → the pages of the router. */
import { createApp } from "vue";
import App from "./App.vue";
import { begin } from "./account.ts";
import { i18n, showPreferred } from "./i18n.ts";
import { applyTheme } from "./preferences.ts";
import { router } from "./router.ts";
import "./style.css";

applyTheme();
void begin();
await showPreferred();
createApp(App).use(i18n).use(router).mount("#app");
