/** An example for a JSON schema: what the documentation shows beside it. */
import type { z } from "zod";

export type JsonSchema = z.core.JSONSchema.JSONSchema;
type Lookup = (ref: string) => JsonSchema | undefined;

const OF_TYPE: Record<string, unknown> = {
  string: "text",
  integer: 1,
  number: 1,
  boolean: true,
  null: null,
};

/** The example that the schema names, else the plainest value that fits it.
 * @param lookup finds the schema of a `$ref`. */
export function exampleOf(schema: z.core.JSONSchema._JSONSchema, lookup: Lookup): unknown {
  if (typeof schema === "boolean") return {};
  if (schema.$ref !== undefined) return exampleOf(lookup(schema.$ref) ?? {}, lookup);
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum?.[0] !== undefined) return schema.enum[0];
  if (schema.anyOf?.[0] !== undefined) return exampleOf(schema.anyOf[0], lookup);
  if (schema.type === "array") return [exampleOf(schema.items as JsonSchema, lookup)];
  if (schema.type === "object") {
    const properties = Object.entries(schema.properties ?? {});
    return Object.fromEntries(properties.map(([name, of]) => [name, exampleOf(of, lookup)]));
  }
  if (schema.format === "date-time") return "2026-01-31T09:30:00.000Z";
  const [type] = [schema.type].flat();
  return OF_TYPE[type as string];
}
