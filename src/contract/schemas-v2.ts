/**
 * The words of `/api/v2` and of the live events, as zod schemas: counts instead of lists. The same
 * tweet comes by both ways.
 */
import { z } from "zod";
import { Id, UserRef } from "./schemas.ts";

export const Variant = z
  .object({
    width: z.int().meta({ example: 640 }),
    height: z.int().meta({ example: 400 }),
    url: z.string().meta({ description: "Root-relative.", example: "/media/<token>/640.webp" }),
    type: z.literal("image/webp"),
  })
  .meta({ id: "Variant", description: "One size of a picture, in pixels." });

export const Attachment = z
  .object({
    id: Id,
    status: z.enum(["ready", "processing", "failed"]),
    width: z.int().nullable().meta({
      description: "Of the largest variant; null until ready.",
      example: 1280,
    }),
    height: z.int().nullable().meta({ example: 800 }),
    placeholder: z.string().nullable().meta({
      description: "A tiny `data:` URI to show while the picture loads; null until ready.",
      example: "data:image/webp;base64,UklGRg…",
    }),
    variants: z.array(Variant).meta({ description: "The narrowest first; empty until ready." }),
  })
  .meta({ id: "Attachment", description: "A picture of a tweet: derived files only." });

export const TweetV2 = z
  .object({
    id: Id,
    content: z.string().meta({ example: "The view from here" }),
    author: UserRef,
    created_at: z.iso.datetime().meta({ description: "ISO 8601, UTC." }),
    likes_count: z.int().min(0),
    liked: z.boolean().meta({
      description:
        "Whether the reader likes it. A live event has no one reader: there it is false.",
      example: false,
    }),
    version: z.int().min(0).meta({
      description:
        "Grows with every change of likes or pictures: a lower one never overwrites a higher one.",
    }),
    attachments: z.array(Attachment),
  })
  .meta({ id: "TweetV2", description: "A tweet with counts instead of lists." });

export type Attachment = z.output<typeof Attachment>;
export type TweetV2 = z.output<typeof TweetV2>;
