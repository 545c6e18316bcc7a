/** Something to see after the first start: ten people who follow one another, tweets, likes, and
 * pictures made on the spot. One of the people has the key `test`, which the original frontend sends
 * until its user types another. */
import sharp from "sharp";
import { ApiKey, Follow, Like, Media, Tweet, User } from "./entities/entities.ts";
import { openDatabase } from "./infra/database.ts";
import { FileStore, newToken } from "./infra/file-store.ts";
import { makeVariants } from "./infra/pictures.ts";
import { hashKey, newKey } from "./services/people.ts";

const DEMO_KEY = "test";
const NAMES = [
  "Alex Demo",
  "Мария Соколова",
  "Jonas Weber",
  "Priya Nair",
  "Дмитрий Орлов",
  "Chloé Martin",
  "Kenji Watanabe",
  "Анна Ким",
  "Sam O'Neill",
  "Lucía Fernández",
];
const TEXTS = [
  "Warble is live. Post something short and watch it arrive at your colleagues.",
  "Деплой прошёл за четыре минуты. Рекорд квартала!",
  "Reminder: the architecture review moved to Thursday, 10:00, room Nightingale.",
  "Кто забыл зонт на ресепшене? Он жёлтый и очень грустный.",
  "p99 of the feed is down to two milliseconds. #performance",
  "New coffee beans in the kitchen on the third floor.",
  "Первый pull request новой стажёрки уже в проде. Добро пожаловать, Аня!",
  "The view from the office this morning.",
  "Does anybody have the link to the incident template?",
  "Пятничный демо-день: покажем живую ленту и графики.",
  "Released 2.4: dark theme, faster search, fewer surprises.",
  "Lunch walk at 13:00, as always from the main entrance.",
  "Вопрос к знатокам: почему Redis отвечает быстрее, чем я успеваю спросить?",
  "Found the bug. It was a time zone. It is always a time zone.",
  "Thanks to everybody who stayed late for the migration!",
  "Набираем команду на хакатон, нужны двое с фронтенда.",
  "My plant survived another release. It says hello.",
  "Docs are merged; please read them before you ask. Then ask.",
  "Мониторы приехали, забирайте на складе до пятницы.",
  "Sketch of the new landing page. What do you think?",
  "Thirty days without an incident.",
  "Бегаем в парке по вторникам, присоединяйтесь.",
  "The old build server is retired. It served well.",
  "Good first issue for newcomers: see the board.",
];
/** Which of the texts come with pictures, and how many. */
const PICTURES: Record<number, number> = { 0: 1, 7: 2, 16: 1, 19: 3, 21: 1 };
const MINUTE_MS = 60_000;

/** Adds the demo data to a database without people.
 * @returns whether it did. */
export async function seedDemoData(databaseUrl: string, dataDir: string): Promise<boolean> {
  const db = await openDatabase(databaseUrl, 2);
  const files = new FileStore(dataDir);
  await files.prepare();
  try {
    return await db.transaction(async (em) => {
      // Two first starts at once: the second waits here, and then finds people.
      await em.execute("select pg_advisory_xact_lock(hashtext('warble:demo'))");
      if ((await em.count(User)) > 0) return false;

      const users = NAMES.map((name) => em.create(User, { name }));
      await em.persist(users).flush();
      users.forEach((user, i) => {
        em.create(ApiKey, { hash: hashKey(i === 0 ? DEMO_KEY : newKey()), user });
      });

      for (const [i, user] of users.entries()) {
        for (const [j, other] of users.entries()) {
          if (i === j || (i !== 0 && (i + 2 * j) % 3 === 0)) continue;
          em.create(Follow, { follower: user, followee: other });
          user.followingCount += 1;
          other.followersCount += 1;
        }
      }

      const now = Date.now();
      for (const [i, content] of TEXTS.entries()) {
        const author = users[(i * 7) % users.length] as (typeof users)[number];
        const createdAt = new Date(now - (TEXTS.length - i) * 37 * MINUTE_MS);
        const likers = users.filter((_, u) => (u * 3 + i * 7) % 10 < (i * 3 + 9) % 10);
        const tweet = em.create(Tweet, { author, content, createdAt, likesCount: likers.length });
        await em.persist(tweet).flush();
        for (const user of likers) em.create(Like, { tweet, user });
        for (let position = 0; position < (PICTURES[i] ?? 0); position += 1) {
          const picture = await paint(files, i * 10 + position);
          em.create(Media, { owner: author, tweet, position, status: "ready", ...picture });
        }
      }
      return true;
    });
  } finally {
    await db.close();
  }
}

/** A landscape of soft hills under a sky, different for each seed, as derived files. */
async function paint(files: FileStore, seed: number) {
  const token = newToken();
  const [width, height] = seed % 3 === 1 ? [900, 1200] : [1600, 1000];
  const pixels = landscape(width as number, height as number, seed);
  const upload = files.createUpload();
  await sharp(pixels, { raw: { width: width as number, height: height as number, channels: 3 } })
    .jpeg({ quality: 90 })
    .toFile(upload);
  const made = await makeVariants(upload, files.variantsDir(token) as string);
  await files.discardUpload(upload);
  const largest = made.variants.at(-1);
  return {
    token,
    width: largest?.width ?? null,
    height: largest?.height ?? null,
    placeholder: made.placeholder,
    variants: made.variants.map((variant) => ({
      width: variant.width,
      height: variant.height,
      file: variant.file,
    })),
  };
}

type Colour = [red: number, green: number, blue: number];

/** A hue (degrees) at a brightness (0–1), soft. */
function colour(hue: number, brightness: number): Colour {
  const part = (shift: number) =>
    255 * brightness * (0.72 + 0.28 * Math.cos(((hue + shift) * Math.PI) / 180));
  return [part(0), part(240), part(120)];
}

function landscape(width: number, height: number, seed: number): Buffer {
  const hue = (seed * 47) % 360;
  const hills = [0, 1, 2, 3].map((layer) => ({
    top: (x: number) =>
      height * (0.5 + layer * 0.13) +
      height * 0.06 * Math.sin((x / width) * (5 + layer) + layer * 2 + seed),
    colour: colour(hue + layer * 18, 0.75 - layer * 0.15),
  }));
  const sun = { x: width * 0.72, y: height * 0.24, radius: height * 0.08 };
  const pixels = Buffer.alloc(width * height * 3);
  for (let x = 0; x < width; x += 1) {
    const tops = hills.map(({ top }) => top(x));
    for (let y = 0; y < height; y += 1) {
      const hill = hills[tops.findLastIndex((top) => y >= top)];
      const inSun = Math.hypot(x - sun.x, y - sun.y) < sun.radius;
      const sky: Colour = inSun ? [255, 246, 220] : colour(hue + 190, 0.75 + (0.25 * y) / height);
      pixels.set(hill?.colour ?? sky, (y * width + x) * 3);
    }
  }
  return pixels;
}
