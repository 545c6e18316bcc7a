/** The API process: REST, live events, the web client's files. Any number may run side by side. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "./base/config.ts";
import { createLog } from "./base/log.ts";
import { gaugeSockets } from "./base/metrics/live.ts";
import { serveMetrics } from "./base/metrics.ts";
import { Shutdown } from "./base/shutdown.ts";
import { requests } from "./http/requests.ts";
import { createApp, listen, stopListening } from "./http/server.ts";
import type { Services } from "./http/services.ts";
import { sendElsewhere } from "./infra/live-server.ts";
import { attachLive } from "./live/server.ts";
import { Likes } from "./services/likes.ts";
import { MediaWaiters } from "./services/media.ts";
import { MissedEvents } from "./services/missed-events.ts";
import { openContext } from "./services/open-context.ts";
import { openFeeds } from "./services/open-feeds.ts";
import { People } from "./services/people.ts";

/** Running requests have this long to be answered (an upload waits five seconds for its picture),
 * sockets to be gone; both begin at once. */
const REQUESTS_MS = 5500;
const SOCKETS_MS = 3000;

const config = loadConfig();
const log = createLog(config, "api");
const shutdown = new Shutdown(log);
shutdown.onSignals();

const { ctx, liveServer } = await openContext(config, log, shutdown, true);
const services: Services = {
  ctx,
  people: new People(ctx),
  ...openFeeds(ctx),
  likes: new Likes(ctx),
  mediaWaiters: new MediaWaiters(ctx.bus),
};
const app = createApp(services);
if (!existsSync(join(config.staticDir, "index.html"))) {
  log.warn(`no web page in ${config.staticDir}: \`npm run build\` makes it`);
}
attachLive(app, liveServer, ctx, services.people, new MissedEvents(ctx));

gaugeSockets(() => liveServer.of("/").sockets.size);
shutdown.add("metrics", await serveMetrics(config.host, config.metricsPort, log));

const { socket, port } = await listen(app, config);
shutdown.add("HTTP and sockets", async () => {
  stopListening(socket);
  const [unanswered] = await Promise.all([
    requests.leave(REQUESTS_MS),
    sendElsewhere(liveServer, SOCKETS_MS),
  ]);
  if (unanswered > 0) log.warn({ requests: unanswered }, "requests were cut off");
  app.close();
});
log.info({ port }, "the API listens");
// For who started us: the port, when it was 0.
process.send?.({ port });
