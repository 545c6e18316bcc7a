import assert from "node:assert/strict";
import sharp from "sharp";
import { io } from "socket.io-client";
import { eventually, Service, type TestUser } from "./service.ts";

describe("two people and two API processes", () => {
  let service: Service;
  let ann: TestUser;
  let bob: TestUser;
  before(async () => {
    service = await Service.start({ apis: 2 });
    [ann, bob] = (await service.addUsers(2)) as [TestUser, TestUser];
  });
  after(() => service.stop());

  it("see each other's tweets, pictures and like counts live", async () => {
    await service.call(bob, "POST", `/api/users/${ann.id}/follow`, undefined, 1);
    const socket = io(service.apis[1]?.url, {
      auth: { apiKey: bob.key },
      transports: ["websocket"],
    });
    const seen: [string, unknown][] = [];
    socket.onAny((event, payload) => seen.push([event, payload]));
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("connect_error", reject);
    });
    const picture = await sharp({
      create: { width: 900, height: 600, channels: 3, background: "teal" },
    })
      .jpeg()
      .toBuffer();
    await eventually(() => assert.ok(socket.connected));
    const upload = await service.upload(ann, picture);
    assert.equal(upload.status, 201, JSON.stringify(upload.body));
    const id = await service.tweet(ann, "hello", [upload.body.media_id]);
    assert.deepEqual(await service.feed(bob, "", 1), [id]);
    const like = await service.call(bob, "POST", `/api/tweets/${id}/likes`, undefined, 1);
    assert.equal(like.status, 201);
    await eventually(() => {
      assert.deepEqual(
        seen.map(([event]) => event),
        ["tweet:new", "tweet:likes"],
      );
    });
    console.log(JSON.stringify(seen));
    socket.close();
  });
});
