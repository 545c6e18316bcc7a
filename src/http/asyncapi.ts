/** AsyncAPI 3: the live events, made from the schemas that give their types. */
import { z } from "zod";
import {
  EventMeta,
  Handshake,
  SERVER_EVENTS,
  WatchAnswer,
  WatchRequest,
} from "../contract/events.ts";
import { exampleOf, type JsonSchema } from "./schema-example.ts";

type Ref = { $ref: string };

export interface Message {
  name: string;
  title: string;
  summary: string;
  payload: Ref;
  /** The second argument of an event. */
  headers?: Ref;
  examples: { payload: unknown; headers?: unknown }[];
}

export interface AsyncApiDocument {
  asyncapi: "3.0.0";
  info: { title: string; version: string; description: string };
  defaultContentType: string;
  servers: Record<string, object>;
  channels: { live: { messages: Record<string, Ref>; [field: string]: unknown } };
  operations: Record<
    string,
    { action: "send" | "receive"; messages: Ref[]; [field: string]: unknown }
  >;
  components: {
    messages: Record<string, Message>;
    schemas: Record<string, JsonSchema>;
    securitySchemes: Record<string, object>;
  };
}

/** What clients send. */
const CLIENT_MESSAGES = {
  connect: {
    payload: Handshake,
    tells:
      "The `auth` of Socket.IO's handshake: who connects, and what was seen and watched before.",
  },
  watch: {
    payload: WatchRequest,
    tells:
      "Subscribes to what is on the screen, without following. Replaces what was watched of the " +
      "same kind; an empty list or `null` ends it.",
  },
} as const;

/** What answers `watch`. */
const ACKNOWLEDGEMENTS = {
  watchAnswer: { payload: WatchAnswer, tells: "The acknowledgement of `watch`." },
} as const;

const DESCRIPTION =
  "Live events over Socket.IO 4 (path `/socket.io`, namespace `/`), from the server's point of view: " +
  "it sends the events and receives `watch`. Connect with a Socket.IO client and give your key as " +
  "`auth.apiKey`; the refusal of a key is the error `Unauthorized`. An event's payload is its first " +
  "argument; the headers named here are its second. An event may come twice and is known by its id; " +
  "none is missed silently: a client that gives the last id as `since` is sent what it missed, " +
  "then `ready`; or `resync`, and reads its pages again.";

/** Where `z.toJSONSchema` puts shared schemas, and where AsyncAPI has them. */
const ZOD_DEFINITIONS = "#/definitions/";
const SCHEMAS = "#/components/schemas/";

/** All schemas by id, as JSON Schema draft 7, the default of AsyncAPI. As inputs: an output's schema
 * would forbid further fields, and answers may get some. */
function jsonSchemas(roots: z.ZodType[]): Record<string, JsonSchema> {
  const shape = Object.fromEntries(roots.map((root, i) => [i, root]));
  const { definitions } = z.toJSONSchema(z.object(shape), {
    target: "draft-7",
    io: "input",
    override: ({ jsonSchema }) => {
      const { example } = jsonSchema;
      if (example === undefined) return;
      jsonSchema.examples = [example as never];
      Reflect.deleteProperty(jsonSchema, "example");
    },
  });
  return JSON.parse(JSON.stringify(definitions).replaceAll(ZOD_DEFINITIONS, SCHEMAS));
}

/** `tweet:new` → `tweetNew`: keys of AsyncAPI take no colon. */
const keyOf = (name: string): string =>
  name.replace(/:(\w)/g, (_, letter: string) => letter.toUpperCase());

const schemaRef = (schema: z.ZodType): Ref => ({ $ref: SCHEMAS + schema.meta()?.id });

export function asyncApiDocument(): AsyncApiDocument {
  const described = { ...SERVER_EVENTS, ...CLIENT_MESSAGES, ...ACKNOWLEDGEMENTS };
  const schemas = jsonSchemas([EventMeta, ...Object.values(described).map((each) => each.payload)]);
  const sample = (ref: Ref) => exampleOf(ref, (id) => schemas[id.slice(SCHEMAS.length)]);

  const messages: Record<string, Message> = {};
  for (const [name, { payload, tells }] of Object.entries(described)) {
    const refs = {
      payload: schemaRef(payload),
      ...(name in SERVER_EVENTS && { headers: schemaRef(EventMeta) }),
    };
    const example = Object.fromEntries(
      Object.entries(refs).map(([part, ref]) => [part, sample(ref)]),
    );
    messages[keyOf(name)] = {
      name,
      title: name,
      summary: tells,
      ...refs,
      examples: [example as Message["examples"][number]],
    };
  }

  const channel = { $ref: "#/channels/live" };
  const inChannel = (name: string): Ref => ({ $ref: `#/channels/live/messages/${keyOf(name)}` });
  return {
    asyncapi: "3.0.0",
    info: { title: "Warble, live", version: "1", description: DESCRIPTION },
    defaultContentType: "application/json",
    servers: { this: server("ws"), secure: server("wss") },
    channels: {
      live: {
        address: "/",
        description: "Socket.IO's default namespace.",
        messages: Object.fromEntries(
          Object.keys(messages).map((key) => [key, { $ref: `#/components/messages/${key}` }]),
        ),
        bindings: { ws: { method: "GET", query: QUERY, bindingVersion: "0.1.0" } },
      },
    },
    operations: {
      connect: { action: "receive", channel, messages: [inChannel("connect")] },
      events: { action: "send", channel, messages: Object.keys(SERVER_EVENTS).map(inChannel) },
      watch: {
        action: "receive",
        channel,
        messages: [inChannel("watch")],
        reply: { channel, messages: [inChannel("watchAnswer")] },
      },
    },
    components: { messages, schemas, securitySchemes: { apiKey: API_KEY } },
  };
}

/** What a Socket.IO client puts into the address by itself. */
const QUERY = {
  type: "object",
  properties: {
    EIO: { type: "string", const: "4" },
    transport: { type: "string", enum: ["websocket", "polling"] },
  },
};

const API_KEY = {
  type: "apiKey",
  in: "user",
  description: "The person's key, as `auth.apiKey` of Socket.IO's handshake.",
};

const server = (protocol: "ws" | "wss") => ({
  host: "{host}",
  pathname: "/socket.io",
  protocol,
  description: "The same host and port as the REST calls.",
  variables: { host: { default: "localhost:8000", description: "Where Warble serves." } },
  security: [{ $ref: "#/components/securitySchemes/apiKey" }],
});
