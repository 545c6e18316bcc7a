/** The page: who is signed in, and what goes where. */
import { ApiError, call, keepKey, signedInKey } from "./api.js";
import { Composer } from "./composer.js";
import { Feed } from "./feed.js";
import { connect } from "./live.js";
import { PersonCard } from "./people.js";

const $ = (selector) => document.querySelector(selector);

let me;
let disconnect = () => undefined;

/** Runs what may fail, and tells the person why it did. */
async function guard(action) {
  try {
    await action();
    $("#problem").hidden = true;
  } catch (error) {
    const isRefused = error instanceof ApiError && error.type === "Unauthorized";
    if (isRefused || $("#sign-in").open) return askForKey(error.message);
    $("#problem").textContent = error.message;
    $("#problem").hidden = false;
  }
}

const person = new PersonCard(guard);
const feed = new Feed({
  guard,
  open: (author) => guard(() => person.open(author, me.id)),
  remove: (tweet) =>
    guard(async () => {
      await call("DELETE", `/api/tweets/${tweet.id}`);
      feed.remove(tweet);
    }),
  like: (tweet) => guard(() => like(tweet.id, !tweet.liked)),
});
new Composer(guard, () => $("#light").dataset.state !== "live" && feed.load(me.id));

/** Shown at once, taken back when the server refuses. */
async function like(id, liked) {
  feed.setLiked(id, liked);
  try {
    await call(liked ? "POST" : "DELETE", `/api/tweets/${id}/likes`);
  } catch (error) {
    feed.setLiked(id, !liked);
    throw error;
  }
}

async function begin() {
  disconnect();
  ({ user: me } = await call("GET", "/api/users/me"));
  $("#me").textContent = me.name;
  disconnect = connect(signedInKey(), {
    handlers: {
      "tweet:new": (tweet) => feed.add(tweet),
      "tweet:deleted": (tweet) => feed.remove(tweet),
      "tweet:likes": (change) => feed.setLikes(change),
      "tweet:media": (change) => feed.setPictures(change),
      "user:follow": (change) => guard(() => followed(change)),
    },
    show: (state) => {
      $("#light").dataset.state = state;
      $("#light").value = state === "connecting" ? "connecting …" : state;
      if (state === "offline" && !feed.isLoaded) guard(() => feed.load(me.id));
    },
    joined: () => guard(() => feed.load(me.id)),
    refused: () => askForKey("Your key is not taken any more."),
  });
}

/** Whom one follows decides what is in the feed. */
async function followed(change) {
  if (change.follower.id === me.id) await feed.load(me.id);
  await person.changed(change);
}

function askForKey(reason) {
  $("#refused").textContent = reason ?? "";
  $("#refused").hidden = !reason;
  if (!$("#sign-in").open) $("#sign-in").showModal();
}

$("#me").addEventListener("click", () => askForKey());
$("#sign-in form").addEventListener("submit", (event) => {
  if (event.submitter?.value === "cancel") return;
  event.preventDefault();
  guard(signIn);
});

/** The old key stays until the new one was taken. */
async function signIn() {
  const key = $("#key").value.trim();
  await call("GET", "/api/users/me", undefined, key);
  keepKey(key);
  $("#key").value = "";
  $("#sign-in").close();
  await begin();
}

guard(begin);
