import assert from "node:assert/strict";
import specs from "@asyncapi/specs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { SERVER_EVENTS } from "../../src/contract/events.ts";
import { asyncApiDocument, type Message } from "../../src/http/asyncapi.ts";

/** Unknown formats are those of AsyncAPI's own schema; what it calls strict is not JSON Schema's. */
const validator = (): Ajv => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  return ajv;
};

describe("the AsyncAPI document", () => {
  const document = JSON.parse(JSON.stringify(asyncApiDocument()));
  const { messages, schemas } = document.components;

  it("is valid AsyncAPI 3 by the official schema", () => {
    const ajv = validator();
    const isValid = ajv.compile(specs.schemasWithoutId["3.0.0"]);
    assert.ok(isValid(document), ajv.errorsText(isValid.errors));
    assert.equal(
      isValid({ ...(document as object), operations: { events: { action: "shout" } } }),
      false,
    );
  });

  it("names every event that the server may send", () => {
    const sent = document.operations.events.messages.map(({ $ref }: { $ref: string }) => {
      const { $ref: component } = document.channels.live.messages[lastOf($ref)];
      return messages[lastOf(component)].name;
    });
    assert.deepEqual(sent, Object.keys(SERVER_EVENTS));
  });

  it("refers to nothing that is not there", () => {
    const refs = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g);
    for (const [, path = ""] of refs) {
      const found = path.split("/").reduce((at, part) => at?.[part], document);
      assert.ok(found, path);
    }
  });

  it("has an example of each message that its own schemas take", () => {
    const ajv = validator();
    ajv.addSchema({ $id: "live", components: { schemas } });
    for (const { name, payload, headers, examples } of Object.values<Message>(messages)) {
      const [example] = examples;
      assert.ok(
        ajv.validate(`live${payload.$ref}`, example?.payload),
        `${name}: ${ajv.errorsText()}`,
      );
      if (headers) assert.ok(ajv.validate(`live${headers.$ref}`, example?.headers), name);
    }
    assert.ok(!ajv.validate("live#/components/schemas/LikesChange", { id: 1, version: 1 }));
  });
});

const lastOf = (ref: string): string => ref.slice(ref.lastIndexOf("/") + 1);
