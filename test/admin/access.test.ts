import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { appRoutes } from "@bull-board/api/dist/routes.js";
import { Service } from "../service.ts";
import { Operator, startDashboard } from "./operator.ts";

/** Where the board's page finds its scripts and styles. */
const UI = dirname(createRequire(import.meta.url).resolve("@bull-board/ui/package.json"));
const ASSETS = [
  ...readFileSync(join(UI, "dist/index.ejs"), "utf8").matchAll(/"(static\/(?:js|css)\/[^"]+)"/g),
].map(([, path]) => `/${path}`);

const ROUTES = [...appRoutes.api, appRoutes.entryPoint].flatMap(({ route }) =>
  [route]
    .flat()
    .map((path) =>
      path
        .replace(":queueName", "pictures")
        .replace(":jobId", "resize-1")
        .replace(":queueStatus", "failed")
        .replace(":schedulerId", "sweep"),
    ),
);

/** Other ways to write a path, which a proxy or a router might take for the same. */
const WRITINGS: ((path: string) => string)[] = [
  (path) => path,
  (path) => `/${path}`,
  (path) => path.replaceAll("/", "//"),
  (path) => `${path}/`,
  (path) => `${path}.`,
  (path) => `${path}%20`,
  (path) => `${path}%00`,
  (path) => `${path};.css`,
  (path) => `${path}?/admin/sign-in`,
  (path) => `${path}#/admin/sign-in`,
  (path) => path.replace("queues", "%71ueues"),
  (path) => path.replace("/queues", "%2fqueues"),
  (path) => path.replace("/queues", "%252fqueues"),
  (path) => path.replace("/queues", "/./queues"),
  (path) => path.replace("/queues", "\\queues"),
  (path) => path.replace("/admin", "/ADMIN"),
  (path) => path.replace("/admin", "/admin/sign-in/.."),
  (path) => path.replace("/admin", "/admin/sign-in.css/.."),
  (path) => path.replace("/admin", "/admin/sign-in/%2e%2e"),
  (path) => path.replace("/admin", "/admin/sign-in/..%2f..%2fadmin"),
  (path) => `http://127.0.0.1${path}`,
  (path) => `http://other.example${path}`,
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

describe("nothing of the queue dashboard is reached without signing in", function () {
  this.timeout(60_000);
  let service: Service;
  let url: string;
  before(async () => {
    service = await Service.start({ apis: 0, workers: 0 });
    ({ url } = await startDashboard(service, { ADMIN_READ_ONLY: "false" }));
  });
  after(() => service.stop());

  /** Sends the path as it is; `fetch` would tidy it up. Many at once on one connection. */
  const raw = async (requests: string[], extra = ""): Promise<string[]> => {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    const headers = `Host: ${host}\r\nOrigin: ${url}\r\n${extra}Content-Length: 0\r\n`;
    requests.forEach((line, i) => {
      const end = i === requests.length - 1 ? "Connection: close\r\n\r\n" : "\r\n";
      socket.write(`${line} HTTP/1.1\r\n${headers}${end}`);
    });
    const answers = (await text(socket)).split(/(?=HTTP\/1\.1 \d{3} )/);
    assert.equal(answers.length, requests.length, requests[answers.length]);
    return answers;
  };

  it("by any route, method and way to write the path", async () => {
    assert.ok(ROUTES.length > 30 && ASSETS.length >= 4, "the board's routes were found");
    const statuses = new Set<string>();
    for (const route of [...ROUTES, ...ASSETS, "/static/images/logo.svg"]) {
      for (const method of METHODS) {
        const lines = WRITINGS.map((write) => `${method} ${write(`/admin/queues${route}`)}`);
        const answers = await raw(lines);
        for (const [i, answer] of answers.entries()) {
          const status = answer.slice(9, 12);
          statuses.add(status);
          assert.match(status, /^(401|400)$/, `${lines[i]}\n${answer}`);
          assert.doesNotMatch(answer, /__UI_CONFIG__|"queues"|set-cookie/i, lines[i]);
        }
      }
    }
    assert.ok(statuses.has("401"));
  });

  it("by a cookie that is empty, forged, of another installation, or for another cookie's name", async () => {
    const other = await Service.start({ apis: 0, workers: 0 });
    try {
      const stranger = await Operator.signedIn((await startDashboard(other)).url);
      const [name, value = ""] = stranger.cookie.split(/=(.*)/s);
      const [id, signature] = decodeURIComponent(value).split(".");
      const cookies = [
        "",
        `${name}=`,
        `${name}=.`,
        `${name}=${id}`,
        `${name}=${id}.`,
        `${name}=${id}.${signature}`,
        `${name}=__proto__.${signature}`,
        `${name}=%E0%A4%A`,
        `other=${value}`,
      ];
      for (const cookie of cookies) {
        const [answer = ""] = await raw(["GET /admin/queues/api/queues"], `Cookie: ${cookie}\r\n`);
        assert.match(answer, /^HTTP\/1\.1 401 /, cookie);
      }
    } finally {
      await other.stop();
    }
  });

  it("but browsers are led to the page where one signs in", async () => {
    const headers = { accept: "text/html,application/xhtml+xml" };
    for (const path of ["/", "/admin", "/admin/queues", "/admin/queues/queue/pictures", "/no"]) {
      const answer = await fetch(`${url}${path}`, { redirect: "manual", headers });
      assert.equal(answer.status, 303, path);
      assert.equal(answer.headers.get("location"), "/admin/sign-in");
    }
  });
});
