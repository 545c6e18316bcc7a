import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";

export function plain(width: number, height: number, background = "#c83"): Sharp {
  return sharp({ create: { width, height, channels: 3, background } });
}

/** 800 × 400 pixels, two colours side by side. */
export function halves(left: string, right: string): Sharp {
  const create = { width: 400, height: 400, channels: 3, background: right } as const;
  return plain(800, 400, left).composite([{ input: { create }, left: 400, top: 0 }]);
}

export function animation(width: number, height: number, frames: number): Sharp {
  const data = Buffer.from(
    Array.from({ length: width * height * 3 * frames }, (_, i) => (i * 7) % 255),
  );
  const raw = { width, height: height * frames, channels: 3, pageHeight: height } as const;
  return sharp(data, { raw }).gif();
}

/** A PNG of one bit a pixel: what compresses best. */
export function blackPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc(height * (Math.ceil(width / 8) + 1)));
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  const chunks = [
    pngChunk("IHDR", header),
    pngChunk("IDAT", rows),
    pngChunk("IEND", Buffer.alloc(0)),
  ];
  return Buffer.concat([signature, ...chunks]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
