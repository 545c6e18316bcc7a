/**
 * The words of `/api/v2` and of the live events, as zod schemas: counts instead of lists. The same
 * tweet comes by both ways.
 */
import { z } from "zod";
import { Id, UserRef } from "./schemas.ts";

export const Variant = z
  .object({
    width: z.int(),
    height: z.int(),
    url: z.string().meta({ description: "Root-relative.", example: "/media/<token>/640.webp" }),
    type: z.literal("image/webp"),
  })
  .meta({ id: "Variant", description: "One size of a picture, in pixels." });

export const Attachment = z
  .object({
    id: Id,
    status: z.enum(["ready", "processing", "failed"]),
    width: z.int().nullable().meta({ description: "Of the largest variant; null until ready." }),
    height: z.int().nullable(),
    placeholder: z.string().nullable().meta({
      description: "A tiny `data:` URI to show while the picture loads; null until ready.",
    }),
    variants: z.array(Variant).meta({ description: "The narrowest first; empty until ready." }),
  })
  .meta({ id: "Attachment", description: "A picture of a tweet: derived files only." });

export const TweetV2 = z
  .object({
    id: Id,
    content: z.string(),
    author: UserRef,
    created_at: z.iso.datetime().meta({ description: "ISO 8601, UTC." }),
    likes_count: z.int().min(0),
    liked: z.boolean().meta({
      description:
        "Whether the reader likes it. A live event has no one reader: there it is false.",
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
