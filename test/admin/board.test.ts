import assert from "node:assert/strict";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { appRoutes } from "@bull-board/api/dist/routes.js";
import { QUEUE_NAMES } from "../../src/contract/jobs.ts";
import { openQueues, type Queues } from "../../src/infra/queues.ts";
import { plain } from "../sample-pictures.ts";
import { eventually, Service, type TestUser } from "../service.ts";
import { Operator, startDashboard } from "./operator.ts";

/** Five attempts with growing pauses. */
const UNTIL_FAILED_MS = 30_000;

/** Every call of the board that is no read, with a real queue and job in its place. */
const changingCalls = (jobId: string) =>
  appRoutes.api.flatMap(({ method, route }) =>
    [method]
      .flat()
      .filter((each) => each !== "get")
      .flatMap((each) => [route].flat().map((path) => ({ method: each.toUpperCase(), path })))
      .map(({ path, ...call }) => ({
        ...call,
        path: path
          .replace(":queueName", "pictures")
          .replace(":jobId", jobId)
          .replace(":queueStatus", "failed")
          .replace(":schedulerId", "sweep"),
      })),
  );

describe("the queue dashboard", function () {
  this.timeout(60_000);
  let service: Service;
  let queues: Queues;
  let readOnly: Operator;
  let allowed: Operator;
  let ann: TestUser;
  const media = () => join(service.dataDir, "media");

  before(async () => {
    service = await Service.start({ workers: 0 });
    readOnly = await Operator.signedIn((await startDashboard(service)).url);
    const { url } = await startDashboard(service, { ADMIN_READ_ONLY: "false" });
    allowed = await Operator.signedIn(url);
    queues = openQueues(service.redis, service.prefix);
    ann = await service.addUser("Ann");
  });
  after(async () => {
    await Promise.all(Object.values(queues).map((queue) => queue.close()));
    await service.stop();
  });

  /** Uploads a picture while there is no place for its variants: its job fails, and stays failed. */
  const failedJob = async (): Promise<{ mediaId: number; jobId: string }> => {
    await rename(media(), `${media()}.away`);
    await writeFile(media(), "");
    const upload = await service.upload(ann, await plain(400, 300).jpeg().toBuffer());
    const mediaId = upload.body.media_id;
    const jobId = `resize-${mediaId}`;
    await eventually(async () => {
      assert.equal(await queues.pictures.getJobState(jobId), "failed");
    }, UNTIL_FAILED_MS);
    await rm(media());
    await rename(`${media()}.away`, media());
    return { mediaId, jobId };
  };
  const statusOf = async (mediaId: number): Promise<string> => {
    const { rows } = await service.db.query("select status from media where id = $1", [mediaId]);
    return rows[0].status;
  };

  it("shows every queue, and says what each is for", async () => {
    for (const name of QUEUE_NAMES) {
      const queue = await readOnly.queue(name);
      assert.ok(queue.description.length > 10, name);
      assert.equal(queue.readOnlyMode, true);
      assert.equal((await allowed.queue(name)).readOnlyMode, false);
    }
  });

  it("names jobs by what they are about", async () => {
    await queues.pictures.pause();
    await queues.feeds.pause();
    try {
      await queues.feeds.add("fan-out", {
        eventId: "1",
        tweetId: 12,
        authorId: 3,
        afterFollowerId: 1000,
        requestIds: [],
      });
      await queues.pictures.add("remove-pictures", { tokens: ["a", "b"], requestIds: [] });
      await queues.pictures.add("of-an-older-version", {});
      const names = async (queue: string) =>
        (await readOnly.queue(queue, "waiting")).jobs.map((job: { name: string }) => job.name);
      assert.deepEqual(await names("feeds"), ["fan-out: tweet 12 of user 3, followers after 1000"]);
      assert.deepEqual((await names("pictures")).sort(), [
        "of-an-older-version",
        "remove-pictures: 2 pictures",
      ]);
      const schedules = await readOnly.queue("upkeep", "delayed");
      assert.equal(schedules.jobs[0].name, "sweep: abandoned uploads, old events and keys");
    } finally {
      await queues.pictures.drain();
      await queues.feeds.drain();
      await queues.pictures.resume();
      await queues.feeds.resume();
    }
  });

  it("shows why a job failed, and retries it when that is allowed", async () => {
    const { mediaId, jobId } = await failedJob();
    const { jobs } = await readOnly.queue("pictures", "failed");
    assert.equal(jobs.length, 1);
    assert.equal(jobs[0].name, `resize-picture: picture ${mediaId}`);
    assert.match(jobs[0].failedReason, /^ENOTDIR/);
    assert.equal(jobs[0].attempts, 5);

    const retry = `/admin/queues/api/queues/pictures/${jobId}/retry/failed`.replace("/failed", "");
    assert.equal((await readOnly.fetch(retry, { method: "PUT" })).status, 405);
    assert.equal(await queues.pictures.getJobState(jobId), "failed");
    assert.equal(await statusOf(mediaId), "processing");

    assert.equal((await allowed.fetch(retry, { method: "PUT" })).status, 204);
    await eventually(async () => assert.equal(await statusOf(mediaId), "ready"));
    assert.equal((await readOnly.queue("pictures", "failed")).jobs.length, 0);
  });

  it("changes nothing when it is read-only, by any method and path", async () => {
    const { jobId } = await failedJob();
    const contents = async () => {
      const keys = await service.redis.keys(`{${service.prefix}-*`);
      const own = keys.filter((key) => !/:(meta|events|stalled-check|id)$/.test(key));
      const states = await Promise.all(
        QUEUE_NAMES.map(async (name) => [
          await queues[name].isPaused(),
          await queues[name].getGlobalConcurrency(),
          await queues[name].getJobSchedulersCount(),
        ]),
      );
      return { jobs: own.filter((key) => key.includes(":pictures:")).sort(), states };
    };
    const before = await contents();
    const calls = changingCalls(jobId);
    assert.ok(calls.length > 20, "the board's routes were found");
    for (const { method, path } of calls) {
      for (const variant of [path, `/${path}`, `${path}/`, path.replace("/api", "/%61pi")]) {
        const at = `/admin/queues${variant}`;
        const body = JSON.stringify({ name: "x", data: {}, concurrency: 1, force: true });
        const headers = { "content-type": "application/json", "x-http-method-override": "GET" };
        const answer = await readOnly.fetch(at, { method, body, headers });
        assert.equal(answer.status, 405, `${method} ${at}`);
        assert.equal(answer.headers.get("allow"), "GET, HEAD");
      }
      // The same, asked for by a read.
      await readOnly.fetch(`/admin/queues${path}?_method=${method}`, {
        headers: { "x-http-method-override": method },
      });
    }
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"]) {
      for (const path of ["/", "/admin", "/admin/queues", "/admin/queues/static/x", "/else"]) {
        const headers = { "content-type": "application/json" };
        assert.equal((await readOnly.fetch(path, { method, headers })).status, 405, method + path);
      }
    }
    assert.deepEqual(await contents(), before);
    // The same calls do something where they are allowed.
    const clean = `/admin/queues/api/queues/pictures/${jobId}/clean`;
    assert.equal((await allowed.fetch(clean, { method: "PUT" })).status, 204);
    assert.equal(await queues.pictures.getJob(jobId), undefined);
  });

  it("has neither keys nor texts of people in its jobs", async () => {
    const text = "a text that is nobody else's business";
    for (const queue of Object.values(queues)) await queue.pause();
    try {
      const upload = service.upload(ann, await plain(100, 100).png().toBuffer());
      await eventually(async () => assert.ok(await queues.pictures.getWaitingCount()));
      const tweet = await service.tweet(ann, text);
      await service.call(ann, "POST", `/api/tweets/${tweet}/likes`);
      const mediaId = (await upload).body.media_id;
      await service.call(ann, "DELETE", `/api/tweets/${await service.tweet(ann, text, [mediaId])}`);
      const shown = await Promise.all(
        QUEUE_NAMES.map(async (name) => JSON.stringify(await readOnly.queue(name))),
      );
      assert.match(shown.join(), new RegExp(`resize-picture: picture ${mediaId}`));
      assert.match(shown.join(), /remove-pictures: 1 picture/);
      assert.doesNotMatch(shown.join(), new RegExp(`${text}|${ann.key}`));
    } finally {
      for (const queue of Object.values(queues)) await queue.resume();
    }
  });
});
