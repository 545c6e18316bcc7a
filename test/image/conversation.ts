/** A short conversation with a running service, as its clients have it. */
import assert from "node:assert/strict";
import { LiveClient } from "../live-client.ts";
import { plain } from "../sample-pictures.ts";

/** Holds that REST, live events, an upload with its finished picture, and the page work.
 * @returns what was done. */
export async function speakTo(url: string, people: { id: number; key: string }[]): Promise<string> {
  const [ada, grace] = people as [{ id: number; key: string }, { id: number; key: string }];
  const call = async (key: string, method: string, path: string, body?: object | FormData) => {
    const isJson = body && !(body instanceof FormData);
    const headers = { "api-key": key, ...(isJson && { "content-type": "application/json" }) };
    const init = {
      method,
      headers,
      ...(body && { body: isJson ? JSON.stringify(body) : (body as FormData) }),
    };
    const response = await fetch(url + path, init);
    assert.ok(response.ok, `${method} ${path}: ${response.status}`);
    return response;
  };
  await call(grace.key, "POST", `/api/users/${ada.id}/follow`);
  const client = await LiveClient.connect(url, grace);
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
  const json = async (...args: Parameters<typeof call>): Promise<any> =>
    (await call(...args)).json();
  const form = new FormData();
  form.set("file", new Blob([new Uint8Array(await plain(1600, 1200).jpeg().toBuffer())]), "p.jpg");
  const { media_id } = await json(ada.key, "POST", "/api/medias", form);
  const body = { tweet_data: "from the image", tweet_media_ids: [media_id] };
  const { tweet_id } = await json(ada.key, "POST", "/api/tweets", body);
  await client.next("tweet:new", (tweet) => tweet.id === tweet_id);
  client.close();
  const feed = await json(grace.key, "GET", "/api/tweets");
  const [link] = feed.tweets[0].attachments;
  const picture = await call(grace.key, "GET", link);
  assert.equal(picture.headers.get("content-type"), "image/webp");
  assert.match(await (await fetch(url)).text(), /<html/);
  return `spoke to ${url}: follow, socket, upload, tweet, live event, feed, ${link}, page`;
}
