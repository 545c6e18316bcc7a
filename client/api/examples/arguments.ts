/** `--url … --key …` of the examples; what a local `npm start` has when they are absent. */
import { parseArgs } from "node:util";
import type { Service } from "../rest.ts";

export function serviceFromArguments(): Service {
  const { values } = parseArgs({
    options: {
      url: { type: "string", default: "http://localhost:8000" },
      key: { type: "string", default: "test" },
    },
  });
  return values;
}
