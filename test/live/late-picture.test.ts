import assert from "node:assert/strict";
import { LiveClient } from "../live-client.ts";
import { plain } from "../sample-pictures.ts";
import { Service, type TestUser } from "../service.ts";

describe("a picture whose worker is late", function () {
  this.timeout(30_000);
  let service: Service;
  let ann: TestUser;
  before(async () => {
    service = await Service.start({ workers: 0 });
    ann = await service.addUser("Ann");
  });
  after(() => service.stop());

  it("is answered after 5 s, shows a neutral picture, and comes by tweet:media when ready", async () => {
    const client = await LiveClient.connect(service.url, ann);
    const upload = await service.upload(ann, await plain(700, 700).jpeg().toBuffer());
    assert.equal(upload.status, 201);
    const id = await service.tweet(ann, "late", [upload.body.media_id]);
    const tweet = (await client.next("tweet:new")).payload;
    assert.equal(tweet.attachments[0].status, "processing");

    const { body } = await service.call(ann, "GET", "/api/tweets");
    const link = service.url + body.tweets[0].attachments[0];
    const neutral = await fetch(link);
    assert.equal(neutral.status, 200);
    assert.match(neutral.headers.get("content-type") ?? "", /^image\//);
    assert.equal(neutral.headers.get("cache-control"), "no-store");

    await service.startWorkers();
    const { payload } = await client.next("tweet:media");
    assert.equal(payload.id, id);
    assert.equal(payload.attachments[0].status, "ready");
    assert.deepEqual(
      payload.attachments[0].variants.map(({ width }: { width: number }) => width),
      [320, 640, 700],
    );
    const ready = await fetch(link);
    assert.equal(ready.headers.get("content-type"), "image/webp");
    assert.match(ready.headers.get("cache-control") ?? "", /immutable/);
    client.close();
  });
});
