/** Files: the web client with its history routes, the pictures, and Swagger UI. */

import type { HttpRequest, HttpResponse } from "uWebSockets.js";
import { readFile, stat } from "node:fs/promises";
import { extname, join, resolve, sep } from "node:path";
import { contentType } from "mime-types";
import { requestTimes } from "../base/metrics/requests.ts";
import { Problem } from "../contract/errors.ts";
import type { FileStore } from "../infra/file-store.ts";
import { neutralPicture, neutralPictureType } from "../infra/pictures.ts";
import { Responder } from "./respond.ts";
import { pageHeaders, SECURITY_HEADERS } from "./security-headers.ts";

const FOREVER = "public, max-age=31536000, immutable";
/** Kept, but asked for again each time (with the ETag, so that nothing is sent twice). */
const REVALIDATE = "no-cache";
/** Build tools put a hash into the name: the content of such a file never changes. */
const HASHED = /[.-][A-Za-z0-9_-]{8,}\.\w+$/;

const GZIP = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/;

interface FileAnswer {
  body: Buffer;
  headers: Record<string, string>;
}

type Find = (path: string, takesGzip: boolean) => Promise<FileAnswer | undefined>;

/** Answers GET and HEAD with what `find` finds for the path of the request; else 404.
 * @param route the pattern of these paths, by which they are counted. */
export const fileHandler = (route: string, find: Find) => {
  const getTimes = requestTimes("GET", route);
  const headTimes = requestTimes("HEAD", route);
  return (res: HttpResponse, req: HttpRequest): void => {
    const withBody = req.getMethod() !== "head";
    const responder = new Responder(res, withBody ? getTimes : headTimes);
    responder.watch();
    const url = req.getUrl();
    const ifNoneMatch = req.getHeader("if-none-match");
    const takesGzip = GZIP.test(req.getHeader("accept-encoding"));
    void answer();

    async function answer(): Promise<void> {
      try {
        const found = await find(decodePath(url), takesGzip);
        if (!found) throw new Problem("NotFound", `There is nothing at ${url}.`);
        const { etag } = found.headers;
        const status = etag !== undefined && etag === ifNoneMatch ? 304 : 200;
        responder.send(status, found.body, found.headers, withBody);
      } catch (error) {
        responder.problem(error);
      }
    }
  };
};

/** @throws Problem `NotFound` when it is no valid path. */
function decodePath(url: string): string {
  try {
    const path = decodeURIComponent(url);
    if (!path.includes("\0")) return path;
  } catch {
    // falls through
  }
  throw new Problem("NotFound", "There is nothing at this address.");
}

/** With what the build has compressed beside it (`x.js.gz`), for whoever takes that. */
async function readInside(
  root: string,
  path: string,
  takesGzip: boolean,
): Promise<FileAnswer | undefined> {
  const file = resolve(join(root, path));
  if (!file.startsWith(root + sep)) return undefined;
  try {
    const stats = await stat(file);
    if (!stats.isFile()) return undefined;
    const packed = await readFile(`${file}.gz`).catch(() => undefined);
    const compressed = takesGzip ? packed : undefined;
    return {
      body: compressed ?? (await readFile(file)),
      headers: {
        ...(compressed && { "content-encoding": "gzip" }),
        ...(packed && { vary: "Accept-Encoding" }),
        "content-type": contentType(extname(file)) || "application/octet-stream",
        "cache-control": HASHED.test(file) ? FOREVER : REVALIDATE,
        etag: `"${stats.size.toString(36)}-${Math.floor(stats.mtimeMs).toString(36)}${compressed ? "-gz" : ""}"`,
        ...SECURITY_HEADERS,
      },
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG") return undefined;
    throw error;
  }
}

/** The web client: its files, and `index.html` for every address that is not a file's (HTML5
 * history routes). */
export const clientFiles =
  (root: string): Find =>
  async (path, takesGzip) => {
    const file = path === "/" ? undefined : await readInside(root, path, takesGzip);
    if (file || extname(path) !== "") return file;
    const page = await readInside(root, "index.html", takesGzip);
    if (page) return { ...page, headers: { ...page.headers, ...pageHeaders(root) } };
    throw new Problem(
      "NotFound",
      "There is no web page here yet: make it by `npm run build`, or name the folder of a built one in STATIC_DIR.",
    );
  };

/** `/media/<token>/<variant>`: derived files only. What is still being made shows as a neutral
 * picture, which must not be kept by anyone. */
export const mediaFiles =
  (files: FileStore, isProcessing: (token: string) => Promise<boolean>): Find =>
  async (path) => {
    const [, , token = "", name = "", ...rest] = path.split("/");
    const file = rest.length === 0 ? files.variantPath(token, name) : undefined;
    if (!file) return undefined;
    const body = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (body) {
      const headers = {
        "content-type": "image/webp",
        "cache-control": FOREVER,
        ...SECURITY_HEADERS,
      };
      return { body, headers };
    }
    if (!(await isProcessing(token))) return undefined;
    const headers = {
      "content-type": neutralPictureType,
      "cache-control": "no-store",
      ...SECURITY_HEADERS,
    };
    return { body: neutralPicture, headers };
  };

/** Files of one folder below a prefix, such as a package's. */
export const folderFiles =
  (prefix: string, root: string): Find =>
  (path, takesGzip) =>
    readInside(root, path.slice(prefix.length), takesGzip);
