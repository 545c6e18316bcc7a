/** The page's build. For one's own changes there is also Vite's server, beside a running Warble:
 * `npx vite client`. */
import { defineConfig } from "vite";

const WARBLE = "http://localhost:8000";

export default defineConfig({
  root: import.meta.dirname,
  server: {
    proxy: {
      "/api": WARBLE,
      "/media": WARBLE,
      "/socket.io": { target: WARBLE, ws: true },
    },
  },
});
