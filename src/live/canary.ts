/** Lets the workers' canary, and nobody else, into its namespace. */
import { CANARY_NAMESPACE } from "../contract/events.ts";
import type { LiveServer } from "../infra/live-server.ts";
import type { Context } from "../services/context.ts";

export function admitCanary(server: LiveServer, { canaryPasses }: Pick<Context, "canaryPasses">) {
  server.of(CANARY_NAMESPACE).use((socket, next) => {
    canaryPasses.isValid(socket.handshake.auth.pass).then(
      (valid) => next(valid ? undefined : new Error("Unauthorized")),
      () => next(new Error("Unavailable")),
    );
  });
}
