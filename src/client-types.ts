/** The types of the REST calls for the typed client, made from the OpenAPI document of the routes into
 * `client/api/rest-types.ts` (`npm run generate`). A test holds the two together. */
import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import { factory } from "typescript";
import { loadConfig } from "./base/config.ts";
import { openApiDocument } from "./http/openapi.ts";
import { routesOf } from "./http/server.ts";

export const REST_TYPES = new URL("../client/api/rest-types.ts", import.meta.url);

const HEAD = `/** Made by \`npm run generate\` from the OpenAPI document: not to be edited. */
`;

/** The text of the file, for an installation with the default settings. */
export async function restTypes(): Promise<string> {
  const document = JSON.parse(openApiDocument(routesOf(loadConfig({})))) as OpenAPI3;
  const types = await openapiTS(document, {
    alphabetize: true,
    transform: ({ format }) =>
      format === "binary" ? factory.createTypeReferenceNode("Blob") : undefined,
  });
  return HEAD + astToString(types);
}
