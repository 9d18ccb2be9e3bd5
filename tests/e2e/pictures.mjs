// Pictures the tests make themselves: no files, no network, the same every time.

import { crc32, deflateSync } from "node:zlib";

// Mulberry32: a small seeded random number generator.
export function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function chunk(type, data = Buffer.alloc(0)) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

export const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

// A PNG from raw rows. `color`: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA.
export function png({ width, height, rows, depth = 8, color = 2, interlace = 0, before = [], bytesPerRow }) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, color, 0, 0, interlace], 8);
  const stride = bytesPerRow ?? rows.length / height;
  const filtered = Buffer.alloc(height * (stride + 1));
  for (let y = 0; y < height; y++) rows.copy(filtered, y * (stride + 1) + 1, y * stride, (y + 1) * stride);
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), ...before, chunk("IDAT", deflateSync(filtered)), chunk("IEND")]);
}

// RGB pixels by a function of x and y.
export function pixels(width, height, at) {
  const out = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out.set(at(x, y), (y * width + x) * 3);
  return out;
}

const KINDS = [
  { name: "Stripes", hue: [200, 60, 50], at: (x, y) => Math.sin(x * 0.5) },
  { name: "Rings", hue: [60, 150, 70], at: (x, y) => Math.sin(Math.hypot(x - 48, y - 48) * 0.45) },
  { name: "Checks", hue: [60, 80, 200], at: (x, y) => ((x >> 4) + (y >> 4)) % 2 * 2 - 1 },
  { name: "Slopes", hue: [220, 180, 60], at: (x, y) => Math.sin((x + y) * 0.3) },
];
export const CLASSES = KINDS.map((kind) => kind.name);

// One learnable picture of class `kind` (0..3); every `index` gives another one. Colour, phase,
// brightness and noise vary, so that no two are near-duplicates of each other by construction.
export function picture(kind, index, side = 96) {
  const { hue, at } = KINDS[kind];
  const next = random(kind * 100_003 + index * 7919 + 1);
  const [dx, dy, scale, light] = [next() * 40 - 20, next() * 40 - 20, 0.6 + next() * 0.9, 0.55 + next() * 0.6];
  const tint = hue.map((c) => c * (0.75 + next() * 0.5));
  // A few blots, as things in front.
  const blots = Array.from({ length: 4 }, () => [next() * side, next() * side, 6 + next() * 14, next() * 255, next() * 255, next() * 255]);
  const rows = pixels(side, side, (x, y) => {
    const blot = blots.find(([bx, by, r]) => Math.hypot(x - bx, y - by) < r);
    const wave = (at((x + dx) * scale, (y + dy) * scale) + 1) / 2;
    const base = blot ? blot.slice(3) : tint.map((c) => c * (0.35 + 0.65 * wave));
    return base.map((c) => Math.max(0, Math.min(255, c * light + (next() - 0.5) * 36)));
  });
  return png({ width: side, height: side, rows });
}

// Files as Playwright's setInputFiles takes them.
export function files(kind, count, from = 0) {
  return Array.from({ length: count }, (_, i) => ({
    name: `${CLASSES[kind].toLowerCase()}-${from + i}.png`,
    mimeType: "image/png",
    buffer: picture(kind, from + i),
  }));
}
