/** The page: who is signed in, and what goes where. */
import type { FollowChange } from "../../src/contract/events.ts";
import { ApiError } from "../api/errors.ts";
import { Live, type LiveState } from "../api/live.ts";
import type { Profile } from "../api/rest.ts";
import { Composer } from "./composer.ts";
import { find } from "./elements.ts";
import { Feed } from "./feed.ts";
import { PersonCard } from "./people.ts";
import { type Guard, Session } from "./session.ts";

/** How the page names the states of the connection. */
const STATE_NAMES: Record<LiveState, string> = {
  live: "live",
  "catching-up": "catching up …",
  offline: "offline",
  refused: "signed out",
};

let me: Profile;
let live: Live | undefined;

const guard: Guard = async (action) => {
  try {
    await action();
    find("#problem").hidden = true;
    return true;
  } catch (error) {
    const { message } = error as Error;
    const isRefused = error instanceof ApiError && error.type === "Unauthorized";
    if (isRefused || find("#sign-in", "dialog").open) askForKey(message);
    else {
      find("#problem").textContent = message;
      find("#problem").hidden = false;
    }
    return false;
  }
};

const session = new Session();
const person = new PersonCard(session, guard);
const feed = new Feed(
  session,
  {
    open: (author) => guard(() => person.open(author.id, me.id)),
    like: (tweet) => guard(() => feed.like(tweet)),
    remove: ({ id }) =>
      guard(async () => {
        await session.rest.deleteTweet(id);
        feed.apply("tweet:deleted", { id });
      }),
  },
  guard,
);
new Composer(session, guard, async () => {
  if (live?.state !== "live") await feed.load(me.id);
});

/** Shows the page as this person sees it, from now on. */
function begin(profile: Profile): void {
  live?.close();
  me = profile;
  find("#me").textContent = me.name;
  live = new Live({
    url: location.origin,
    key: session.key,
    reload: async () => {
      if (!(await guard(() => feed.load(me.id)))) throw new Error("The feed could not be read.");
    },
    show: showState,
  });
  live.on("tweet:new", (tweet) => feed.apply("tweet:new", tweet));
  live.on("tweet:deleted", (gone) => feed.apply("tweet:deleted", gone));
  live.on("tweet:likes", (change) => feed.apply("tweet:likes", change));
  live.on("tweet:media", (change) => feed.apply("tweet:media", change));
  // What is sent again after a lost connection is no reason to read again.
  const seen = new Set<string>();
  live.on("user:follow", (change, { id }) => {
    if (!seen.has(id)) guard(() => followed(change));
    seen.add(id);
  });
}

function showState(state: LiveState): void {
  find("#light").dataset.state = state;
  find("#light", "output").value = STATE_NAMES[state];
  if (state === "refused") askForKey("Your key is not taken any more.");
  // Where nothing but the live connection fails, there is a feed to read.
  if (state === "offline" && !feed.isLoaded) guard(() => feed.load(me.id));
}

/** Whom one follows decides what is in the feed. */
async function followed(change: FollowChange): Promise<void> {
  if (change.follower.id === me.id) await feed.load(me.id);
  await person.changed(change);
}

function askForKey(reason = ""): void {
  find("#refused").textContent = reason;
  find("#refused").hidden = reason === "";
  const dialog = find("#sign-in", "dialog");
  if (!dialog.open) dialog.showModal();
}

find("#me").addEventListener("click", () => askForKey());
find("#sign-in form").addEventListener("submit", (event) => {
  const { submitter } = event as SubmitEvent;
  if ((submitter as HTMLButtonElement | null)?.value === "cancel") return;
  event.preventDefault();
  guard(signIn);
});

async function signIn(): Promise<void> {
  const field = find("#key", "input");
  const profile = await session.signIn(field.value.trim());
  field.value = "";
  find("#sign-in", "dialog").close();
  begin(profile);
}

guard(async () => begin(await session.rest.me()));
