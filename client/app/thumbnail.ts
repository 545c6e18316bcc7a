/** A small preview that fits into what the browser keeps. */

const EDGE = 192;

/** @returns a `data:` URI of a square; undefined for what the browser cannot read. */
export async function thumbnail(file: File): Promise<string | undefined> {
  try {
    const image = await createImageBitmap(file);
    const edge = Math.min(image.width, image.height);
    const canvas = document.createElement("canvas");
    canvas.width = EDGE;
    canvas.height = EDGE;
    const [left, top] = [(image.width - edge) / 2, (image.height - edge) / 2];
    canvas.getContext("2d")?.drawImage(image, left, top, edge, edge, 0, 0, EDGE, EDGE);
    image.close();
    return canvas.toDataURL("image/webp", 0.7);
  } catch {
    return undefined;
  }
}
