/** Part 1 of the contract: pictures. */
import assert from "node:assert/strict";
import sharp from "sharp";
import { assertError, type Part, type Site, soon } from "./site.ts";

const picture = (width = 60, height = 40) =>
  sharp({ create: { width, height, channels: 3, background: "#3a7" } });

const mediaIdOf = async (site: Site, bytes: Buffer): Promise<number> => {
  const { status, body } = await site.upload(site.ann, bytes);
  assert.equal(status, 201, body?.error_message);
  assert.ok(Number.isInteger(body.media_id));
  return body.media_id;
};

/** The tweet's picture as `<img src>` gets it. */
async function shown(site: Site, mediaId: number) {
  const id = await site.tweet(site.ann, "conformance", [mediaId]);
  const [link] = (await site.inFeed(site.ann, id)).attachments;
  assert.match(link, /^\/[^/]/, "the link is root-relative");
  return { id, link: link as string };
}

export const uploads: Part = {
  title: "Pictures",
  checks: [
    {
      name: "JPEG, PNG, WebP and GIF are taken, and their link shows an image at once",
      run: async (site) => {
        for (const make of ["jpeg", "png", "webp", "gif"] as const) {
          const { link } = await shown(
            site,
            await mediaIdOf(site, await picture()[make]().toBuffer()),
          );
          const response = await fetch(site.url + link);
          assert.equal(response.status, 200);
          assert.match(response.headers.get("content-type") ?? "", /^image\//);
          assert.ok((await response.arrayBuffer()).byteLength > 0);
        }
      },
    },
    {
      name: "a picture comes upright, without metadata, and may be kept for long",
      run: async (site) => {
        const gps = { IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 30/1 0/1" } };
        const bytes = await picture(60, 40)
          .withExif(gps)
          .withMetadata({ orientation: 6 })
          .jpeg()
          .toBuffer();
        const { link } = await shown(site, await mediaIdOf(site, bytes));
        const response = await soon("the finished picture", async () => {
          const answer = await fetch(site.url + link);
          return /max-age=\d{6,}/.test(answer.headers.get("cache-control") ?? "")
            ? answer
            : undefined;
        });
        const served = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
        assert.equal(served.exif, undefined);
        assert.deepEqual([served.width, served.height], [40, 60]);
      },
    },
    {
      name: "a deleted tweet takes its picture's file along",
      run: async (site) => {
        const { id, link } = await shown(
          site,
          await mediaIdOf(site, await picture().png().toBuffer()),
        );
        await site.call(site.ann, "DELETE", `/api/tweets/${id}`);
        await soon("the end of the file", async () =>
          (await fetch(site.url + link)).status === 404 ? true : undefined,
        );
      },
    },
    {
      name: "422 for another's picture, and for one that is in a tweet already",
      run: async (site) => {
        const id = await mediaIdOf(site, await picture().png().toBuffer());
        const post = (by: "ann" | "bob") =>
          site.call(site[by], "POST", "/api/tweets", { tweet_data: "x", tweet_media_ids: [id] });
        assertError(await post("bob"), 422, "InvalidMedia");
        await site.tweet(site.ann, "conformance", [id]);
        assertError(await post("ann"), 422, "InvalidMedia");
      },
    },
    {
      name: "422 for what is no image, whatever its name, with the formats named",
      run: async (site) => {
        for (const bytes of ["<html></html>", "", '<svg xmlns="http://www.w3.org/2000/svg"/>']) {
          const answer = await site.upload(site.ann, Buffer.from(bytes), "cat.jpg");
          assertError(answer, 422, "InvalidImage");
          assert.match(answer.body.error_message, /JPEG.*PNG/);
        }
        const form = new FormData();
        form.set("other", "x");
        assertError(await site.call(site.ann, "POST", "/api/medias", form), 422, "InvalidImage");
      },
    },
    {
      name: "413 for an upload over the limit",
      run: async (site) => {
        const answer = await site.upload(site.ann, Buffer.alloc(11 * 1024 ** 2), "large.png");
        assertError(answer, 413, "PayloadTooLarge");
      },
    },
  ],
};
