import { MediaCreated } from "../../contract/schemas.ts";
import { addPicture } from "../../services/media.ts";
import { created, type Route, route, type Upload } from "../route.ts";

export const mediaRoutes: Route[] = [
  route<undefined, Upload>({
    method: "post",
    path: "/api/medias",
    summary: "Upload an image for a tweet",
    body: "upload",
    answers: { 201: MediaCreated },
    problems: ["BadRequest", "UnsupportedMediaType", "InvalidImage", "PayloadTooLarge"],
    handle: async ({ person, body, requestId }, { ctx, mediaWaiters }) =>
      created({
        result: true,
        media_id: await addPicture(ctx, mediaWaiters, person.id, body.path, requestId),
      }),
  }),
];
