/** The documentation's pages: Swagger UI from its package, with nothing loaded from another host,
 * and what both pages share. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";

const require = createRequire(import.meta.url);

export const SWAGGER_UI_DIR = dirname(require.resolve("swagger-ui-dist/package.json"));

const PAGES = { rest: "/docs", events: "/docs/events" } as const;
const TITLES = { rest: "REST", events: "Live events" } as const;

const bar = (current: keyof typeof PAGES): string => {
  const links = (Object.keys(PAGES) as (keyof typeof PAGES)[]).map(
    (page) =>
      `<a href="${PAGES[page]}"${page === current ? ' aria-current="page"' : ""}>${TITLES[page]}</a>`,
  );
  return `<nav class="docs-bar" aria-label="Documentation"><strong>Warble</strong>${links.join("")}
      <a href="/openapi.json">openapi.json</a><a href="/asyncapi.json">asyncapi.json</a></nav>`;
};

/** On top of each page: the way to the other one, and to the documents themselves. */
export const DOCS_BAR = { rest: bar("rest"), events: bar("events") };

export const DOCS_STYLE = readFileSync(new URL("./docs.css", import.meta.url), "utf8");

export const DOCS_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Warble API</title>
    <link rel="icon" href="/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="stylesheet" href="/docs/docs.css">
  </head>
  <body>
    ${DOCS_BAR.rest}
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** `validatorUrl: null`: by default Swagger UI would send the document to a validator elsewhere. */
export const DOCS_SCRIPT = `SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null,
});
`;
