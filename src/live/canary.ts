/** Lets the workers' canary, and nobody else, into its namespace. Wrong passes count as wrong keys. */
import { CANARY_NAMESPACE } from "../contract/events.ts";
import type { LiveServer } from "../infra/live-server.ts";
import type { Context } from "../services/context.ts";
import { clientOf } from "./client-of.ts";

type CanaryContext = Pick<Context, "canaryPasses" | "config" | "limits">;

export function admitCanary(server: LiveServer, ctx: CanaryContext): void {
  const { failedKeys } = ctx.limits;
  server.of(CANARY_NAMESPACE).use((socket, next) => {
    const client = clientOf(socket, ctx.config);
    if (failedKeys.exceeded(client)) return next(new Error("TooManyRequests"));
    ctx.canaryPasses.isValid(socket.handshake.auth.pass).then(
      (valid) => {
        if (valid) return next();
        failedKeys.take(client);
        next(new Error("Unauthorized"));
      },
      () => next(new Error("Unavailable")),
    );
  });
}
