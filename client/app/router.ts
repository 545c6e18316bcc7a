/** The page's addresses. Going back shows what was there, where it was. */
import { createRouter, createWebHistory } from "vue-router";
import FeedPage from "./pages/FeedPage.vue";
import NothingPage from "./pages/NothingPage.vue";
import PeoplePage from "./pages/PeoplePage.vue";
import ProfilePage from "./pages/ProfilePage.vue";
import TweetPage from "./pages/TweetPage.vue";

/** Where each feed was left, by address, in px. */
const leftAt = new Map<string, number>();

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/:sort(new|hot)?", name: "feed", component: FeedPage },
    {
      path: "/profile/:id(\\d+)/:list(followers|following)?",
      name: "profile",
      component: ProfilePage,
    },
    { path: "/tweet/:id(\\d+)", name: "tweet", component: TweetPage },
    { path: "/people", name: "people", component: PeoplePage },
    // The original frontend's address of the sign-in.
    { path: "/login", redirect: "/" },
    { path: "/:rest(.*)*", name: "nothing", component: NothingPage },
  ],
  scrollBehavior: (to, from, saved) => {
    if (to.name === "feed") return { top: leftAt.get(to.path) ?? saved?.top ?? 0 };
    if (to.name === from.name && to.params.id === from.params.id) return false;
    return saved ?? { top: 0 };
  },
});

router.beforeEach((_, from) => {
  if (from.name === "feed") leftAt.set(from.path, scrollY);
});
