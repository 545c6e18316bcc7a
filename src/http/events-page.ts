/** The live events as a page to read, made from the AsyncAPI document: plain HTML without a script.
 * (AsyncAPI's own React component would bring 119 MB of packages for it.) */
import type { AsyncApiDocument, Message } from "./asyncapi.ts";
import { DOCS_BAR } from "./docs.ts";
import type { JsonSchema } from "./schema-example.ts";

type Schema = JsonSchema | boolean;

const CONNECT = `import { io } from "socket.io-client";

let since; // the id of the last event seen
const watch = { tweetIds: [17, 18] }; // beside what one follows
const socket = io("http://localhost:8000", {
  transports: ["websocket"],
  auth: (give) => give({ apiKey: "test", since, watch }),
});
socket.onAny((event, payload, meta) => {
  since = meta.id;
  console.log(event, payload);
});`;

export function eventsPage(document: AsyncApiDocument): string {
  const { info, operations, components } = document;
  const messagesOf = (operation: string): Message[] =>
    (operations[operation]?.messages ?? []).map(
      ({ $ref }) => components.messages[nameOf($ref)] as Message,
    );
  const received = [...messagesOf("connect"), ...messagesOf("watch")];
  const answer = components.messages.watchAnswer as Message;
  const parts: [title: string, id: string, messages: Message[]][] = [
    ["The server sends", "sent", messagesOf("events")],
    ["Clients send", "received", [...received, answer]],
  ];
  const shapes = Object.entries(components.schemas);

  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${text(info.title)}</title>
    <link rel="icon" href="/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/docs.css">
  </head>
  <body class="events-page">
    ${DOCS_BAR.events}
    <main>
      <nav class="contents" aria-label="Contents">
        ${parts
          .map(([title, , messages]) =>
            contents(
              title,
              messages.map(({ name }) => name),
            ),
          )
          .join("")}
        ${contents(
          "Shapes",
          shapes.map(([id]) => id),
        )}
      </nav>
      <div>
        <h1>Live events</h1>
        <p>${sentence(info.description)}</p>
        <pre><code>${text(CONNECT)}</code></pre>
        ${parts
          .map(
            ([title, id, messages]) =>
              `<section id="${id}"><h2>${title}</h2>${messages.map(messageCard).join("")}</section>`,
          )
          .join("")}
        <section id="shapes"><h2>Shapes</h2>${shapes.map(shapeCard).join("")}</section>
      </div>
    </main>
  </body>
</html>
`;
}

const contents = (title: string, names: string[]): string =>
  `<h2>${title}</h2><ul>${names
    .map((name) => `<li><a href="#${text(name)}">${text(name)}</a></li>`)
    .join("")}</ul>`;

const messageCard = ({ name, summary, payload, headers, examples }: Message): string =>
  `<article id="${text(name)}" class="message">
    <h3>${text(name)}</h3>
    <p>${sentence(summary)}</p>
    <p>${headers ? `Arguments: ${typeOf(payload)}, ${typeOf(headers)}` : typeOf(payload)}</p>
    <details><summary>Example</summary>
      ${Object.values(examples[0] ?? {})
        .map(json)
        .join("")}
    </details>
  </article>`;

const shapeCard = ([id, schema]: [string, JsonSchema]): string =>
  `<article id="${text(id)}" class="shape">
    <h3>${text(id)}</h3>
    <p>${sentence(schema.description ?? "")}</p>
    ${(schema.anyOf ?? [schema]).map(fields).join("<p>or</p>")}
  </article>`;

/** A row for each field; nested objects that have no name of their own are told by their fields. */
function fields(schema: Schema): string {
  if (typeof schema === "boolean" || !schema.properties) return `<p>${typeOf(schema)}</p>`;
  const rows = Object.entries(schema.properties).map(([name, of]) => {
    const optional = schema.required?.includes(name) ? "" : ", optional";
    const description = typeof of === "boolean" ? "" : (of.description ?? "");
    return `<tr><th scope="row">${text(name)}</th><td>${typeOf(of)}${optional}</td><td>${sentence(description)}</td></tr>`;
  });
  return rows.length === 0 ? "<p>No fields.</p>" : `<table>${rows.join("")}</table>`;
}

function typeOf(schema: Schema): string {
  if (typeof schema === "boolean") return "anything";
  if (schema.$ref) {
    const id = text(nameOf(schema.$ref));
    return `<a class="type" href="#${id}">${id}</a>`;
  }
  if (schema.const !== undefined) return text(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => text(JSON.stringify(value))).join(" or ");
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.type === "array") {
    const most = schema.maxItems === undefined ? "" : ` (at most ${schema.maxItems})`;
    return `list of ${typeOf(schema.items as Schema)}${most}`;
  }
  if (schema.type === "object" && schema.properties) {
    const inner = Object.entries(schema.properties).map(
      ([name, of]) => `${text(name)}: ${typeOf(of)}`,
    );
    return `{${inner.join(", ")}}`;
  }
  return text([schema.type].flat().join(" or "));
}

const json = (value: unknown): string =>
  `<pre><code>${text(JSON.stringify(value, null, 2))}</code></pre>`;

const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf("/") + 1);

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const text = (value: string): string => value.replace(/[&<>"]/g, (found) => ENTITIES[found] ?? "");

/** What stands in backticks is code. */
const sentence = (value: string): string => text(value).replace(/`([^`]+)`/g, "<code>$1</code>");
