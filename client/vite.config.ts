/** The page's build. For one's own changes there is also Vite's server, beside a running Warble:
 * `npx vite client`. */
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";
import { compiledMessages } from "./compiled-messages.ts";

const WARBLE = "http://localhost:8000";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue(), compiledMessages()],
  resolve: { alias: { "vue-i18n": "vue-i18n/dist/vue-i18n.runtime.esm-bundler.js" } },
  define: {
    // Left out of the page: the older ways of these libraries, and their developer tools.
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: true,
  },
  build: {
    rolldownOptions: {
      // The libraries change seldom: browsers keep them over most new versions of the page.
      output: {
        codeSplitting: {
          groups: [{ name: "libraries", test: /node_modules\/(?!linkify|uc)|plugin-vue:/ }],
        },
      },
    },
  },
  server: {
    proxy: {
      "/api": WARBLE,
      "/media": WARBLE,
      "/socket.io": { target: WARBLE, ws: true },
    },
  },
});
