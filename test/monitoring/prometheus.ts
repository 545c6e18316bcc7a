/** The real Prometheus: Debian's package, or whatever is installed. */
import { installDebianPackage, programsNamed } from "../../src/infra/embedded/debian-package.ts";

/** The program's path. @throws Error when it is not here and cannot be installed. */
export async function prometheusProgram(name: "prometheus" | "promtool"): Promise<string> {
  const [path] = programsNamed([name]);
  if (path !== undefined) return path;
  const installed = await installDebianPackage("prometheus", console.error);
  const [after] = installed ? programsNamed([name]) : [];
  if (after === undefined) throw new Error(`${name} is not on the PATH: install Prometheus.`);
  return after;
}
