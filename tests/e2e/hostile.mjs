// Files that are broken, lie or attack, and what the page must say about each.
// { name, file, bytes, says? , added?, notes?, zip? }: `says` must be in what was left out, `added`
// is how many pictures it gives (0), `notes` what is said about them.

import { deflateRawSync, deflateSync } from "node:zlib";
import { fixtures } from "./fixtures.mjs";
import { SIGNATURE, chunk, picture, pixels, png } from "./pictures.mjs";
import { zip } from "./zips.mjs";

const good = picture(2, 9000);
const header = (width, height, depth = 8, color = 2) => {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, color, 0, 0, 0], 8);
  return chunk("IHDR", data);
};
const end = chunk("IEND");
const grey = (w, h) => png({ width: w, height: h, color: 0, rows: Buffer.alloc(w * h, 99) });
const flip = (bytes, at) => {
  const copy = Buffer.from(bytes);
  copy[at < 0 ? copy.length + at : at] ^= 0xff;
  return copy;
};
const brand = (name) => Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from(`ftyp${name}\0\0\0\0${name}mif1`), Buffer.alloc(64)]);
const sub = (rows, width, height, color, depth, stride) => png({ width, height, color, depth, rows, bytesPerRow: stride });
// All rows compress to nothing: 52 kB that want 150 MB, and more than a picture may have.
const bomb = (side) => Buffer.concat([SIGNATURE, header(side, side), chunk("IDAT", deflateSync(Buffer.alloc((side * 3 + 1) * Math.min(side, 2000)))), end]);
const apng = () => {
  const frame = (sequence) => {
    const data = Buffer.alloc(26);
    [sequence, 8, 8, 0, 0].forEach((v, i) => data.writeUInt32BE(v, i * 4));
    data.writeUInt16BE(1, 20);
    data.writeUInt16BE(10, 22);
    return chunk("fcTL", data);
  };
  const control = Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]);
  const rows = (shade) => deflateSync(Buffer.concat(Array.from({ length: 8 }, () => Buffer.concat([Buffer.from([0]), Buffer.alloc(24, shade)]))));
  const later = Buffer.concat([Buffer.from([0, 0, 0, 2]), rows(200)]);
  return Buffer.concat([SIGNATURE, header(8, 8), chunk("acTL", control), frame(0), chunk("IDAT", rows(40)), frame(1), chunk("fdAT", later), end]);
};
// Adam7 of a single pixel is one pass of one pixel.
const interlaced = png({ width: 1, height: 1, rows: Buffer.from([200, 10, 10]), interlace: 1 });
const palette = sub(Buffer.alloc(16 * 16, 1), 16, 16, 3, 8);
const withPalette = Buffer.concat([palette.subarray(0, 33), chunk("PLTE", Buffer.from([0, 0, 0, 200, 100, 50])), palette.subarray(33)]);

const damagedPng = /The PNG file is damaged or incomplete/;
const notPicture = /not a picture/;
const one = (name, data = picture(3, 9100)) => ({ name, data, store: true });

export const hostile = [
  // Not pictures at all.
  { name: "an empty file", file: "empty.png", bytes: Buffer.alloc(0), says: /The file is empty/ },
  { name: "a web page named .png", file: "page.png", bytes: Buffer.from("<!DOCTYPE html><html><script>alert(1)</script>"), says: /This is a web page, not a picture/ },
  { name: "a text named .jpg", file: "notes.jpg", bytes: Buffer.from("dear diary\n"), says: /This is a text file, not a picture/ },
  { name: "a PDF named .png", file: "paper.png", bytes: Buffer.from("%PDF-1.7\n%\xe2\xe3"), says: /PDF document, not a picture/ },
  { name: "random bytes named .webp", file: "noise.webp", bytes: Buffer.from([1, 2, 3, 4, 0, 255, 7, 7, 0, 0]), says: notPicture },
  { name: "a hundred million zeros named .png", file: "zeros.png", bytes: 100_000_000, says: /too large: 95 MB, and at most 64 MB/ },
  { name: "ten million zeros named .png", file: "zeros10.png", bytes: 10_000_000, says: notPicture },
  { name: "a video named .jpg", file: "film.jpg", bytes: brand("isom"), says: /video or sound file/ },
  { name: "a WebM named .png", file: "film.png", bytes: Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0, 0, 0, 0]), says: /video or sound file/ },
  { name: "a zip named .png", file: "archive.png", bytes: zip([one("a.png")]), says: /zip archive, not a picture/ },

  // Formats that are not read, refused by name and with help.
  { name: "HEIC", file: "IMG_1.HEIC", bytes: brand("heic"), says: /HEIC photos cannot be read.*JPEG/ },
  { name: "AVIF", file: "a.avif", bytes: brand("avif"), says: /AVIF pictures cannot be read/ },
  { name: "SVG with a script", file: "a.svg", bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), says: /SVG drawings cannot be read/ },
  { name: "BMP", file: "a.bmp", bytes: fixtures.bmp, says: /BMP pictures cannot be read/ },
  { name: "TIFF", file: "a.tif", bytes: fixtures.tiff, says: /TIFF pictures cannot be read/ },
  { name: "JPEG XL", file: "a.jxl", bytes: Buffer.from([0xff, 0x0a, 1, 2, 3]), says: /JPEG XL pictures cannot be read/ },

  // Damaged pictures.
  { name: "a PNG cut in the middle", file: "cut.png", bytes: good.subarray(0, good.length >> 1), says: damagedPng },
  { name: "a PNG cut in its header", file: "cut2.png", bytes: good.subarray(0, 20), says: damagedPng },
  { name: "nothing but a PNG's signature", file: "sig.png", bytes: SIGNATURE, says: damagedPng },
  { name: "a PNG whose header's checksum is wrong", file: "crc.png", bytes: flip(good, 30), says: damagedPng },
  { name: "a PNG without pixels", file: "none.png", bytes: Buffer.concat([SIGNATURE, header(0, 0), end]), says: /damaged|no pixels/ },
  { name: "a PNG without data", file: "nodata.png", bytes: Buffer.concat([SIGNATURE, header(4, 4), end]), says: damagedPng },
  { name: "a PNG of a colour type that does not exist", file: "type5.png", bytes: Buffer.concat([SIGNATURE, header(4, 4, 8, 5), end]), says: damagedPng },
  { name: "a JPEG cut in its tables", file: "cut.jpg", bytes: fixtures.progressiveJpeg.subarray(0, 120), says: /JPEG file is damaged|variant of JPEG/ },
  { name: "a JPEG of two markers", file: "two.jpg", bytes: Buffer.from([0xff, 0xd8, 0xff, 0xd9]), says: /JPEG file is damaged/ },
  { name: "a WebP cut in the middle", file: "cut.webp", bytes: fixtures.losslessWebp.subarray(0, 40), says: /WebP file is damaged/ },
  { name: "a WebP that is only its header", file: "riff.webp", bytes: Buffer.from("RIFF\x10\0\0\0WEBPVP8 ", "latin1"), says: /WebP file is damaged/ },
  { name: "a GIF cut in its header", file: "cut.gif", bytes: fixtures.stillGif.subarray(0, 9), says: /GIF file is damaged/ },

  // Headers that claim too much.
  { name: "a PNG that claims 100,000 x 100,000 pixels", file: "huge.png", bytes: Buffer.concat([SIGNATURE, header(100_000, 100_000), end]), says: /claims 100000 x 100000 pixels|damaged/ },
  { name: "a PNG that claims 4 billion pixels a side", file: "huge2.png", bytes: Buffer.concat([SIGNATURE, header(0x7fffffff, 0x7fffffff, 16, 6), end]), says: /claims|damaged|too much memory/ },
  { name: "a decompression bomb of 20,000 x 20,000", file: "bomb.png", bytes: bomb(20_000), says: /claims 20000 x 20000 pixels/ },
  { name: "a decompression bomb within the limit that ends early", file: "bomb2.png", bytes: bomb(7000), says: damagedPng },
  { name: "a text chunk that inflates to 50 MB", file: "text.png", bytes: Buffer.concat([
    good.subarray(0, 33), chunk("zTXt", Buffer.concat([Buffer.from("Comment\0\0", "latin1"), deflateSync(Buffer.alloc(50_000_000))])), good.subarray(33),
  ]), added: 1 },

  // Unusual but right.
  { name: "a 16-bit PNG", file: "deep.png", bytes: sub(Buffer.alloc(8 * 8 * 6, 77), 8, 8, 2, 16, 48), added: 1 },
  { name: "a grey PNG with transparency", file: "greya.png", bytes: sub(Buffer.alloc(8 * 8 * 2, 120), 8, 8, 4, 8, 16), added: 1 },
  { name: "a palette PNG", file: "palette.png", bytes: withPalette, added: 1 },
  { name: "an interlaced PNG", file: "adam7.png", bytes: interlaced, added: 1 },
  { name: "one pixel", file: "1x1.png", bytes: grey(1, 1), added: 1 },
  { name: "1 x 5000 pixels", file: "1x5000.png", bytes: grey(1, 5000), added: 1 },
  { name: "a CMYK JPEG", file: "cmyk.jpg", bytes: fixtures.cmykJpeg, added: 1 },
  { name: "a grey JPEG", file: "grey.jpg", bytes: fixtures.greyJpeg, added: 1 },
  { name: "a progressive JPEG", file: "prog.jpg", bytes: fixtures.progressiveJpeg, added: 1 },
  { name: "a lossless WebP", file: "lossless.webp", bytes: fixtures.losslessWebp, added: 1 },
  { name: "a still GIF", file: "still.gif", bytes: fixtures.stillGif, added: 1 },
  { name: "an animated GIF", file: "anim.gif", bytes: fixtures.animatedGif, added: 1, notes: /Only the first frame of this animation is used/ },
  { name: "an animated WebP", file: "anim.webp", bytes: fixtures.animatedWebp, added: 1, notes: /Only the first frame/ },
  { name: "an animated PNG", file: "anim.png", bytes: apng(), added: 1, notes: /Only the first frame/ },
  { name: "a PNG named .jpg", file: "really.jpg", bytes: picture(2, 9001), added: 1 },

  // Names.
  { name: "a name with markup", file: "<img src=x onerror=alert(1)>.png", bytes: Buffer.from("x"), says: /<img src=x onerror=alert\(1\)>\.png/ },
  { name: "a name that reverses its reading", file: "evil\u202egnp.exe.png", bytes: Buffer.from("x"), says: /^(?!.*\u202e).*evilgnp\.exe\.png/s },
  { name: "a name of 300 characters", file: `${"n".repeat(300)}.png`, bytes: Buffer.from("x"), says: /n{60}/ },
  { name: "a name of emoji", file: "\u{1f98a}\u{1f9ea}.png", bytes: picture(2, 9002), added: 1 },

  // Archives.
  { zip: true, name: "an empty zip", file: "empty.zip", bytes: zip([]), says: /no pictures in this zip/ },
  { zip: true, name: "a zip that is text", file: "text.zip", bytes: Buffer.from("not a zip at all"), says: /not a zip archive/ },
  { zip: true, name: "a zip of nothing", file: "none.zip", bytes: Buffer.alloc(0), says: /not a zip archive/ },
  { zip: true, name: "a zip cut in the middle", file: "cut.zip", bytes: zip([one("a/1.png"), one("a/2.png")]).subarray(0, 9000), says: /not a zip archive, or it is incomplete/ },
  { zip: true, name: "a zip with 70,000 entries", file: "many.zip", bytes: zip(Array.from({ length: 70_000 }, (_, i) => ({ name: `${i}`, store: true }))), says: /has 70000 entries; at most 20000/ },
  { zip: true, name: "a zip whose count lies", file: "count.zip", bytes: zip([one("a/1.png")], { count: 60_000 }), says: /has 60000 entries; at most 20000/ },
  { zip: true, name: "a zip bomb", file: "bomb.zip", bytes: zip([{ name: "a/bomb.png", data: Buffer.alloc(50_000_000) }, one("a/ok.png", picture(3, 9101))]), says: /expands far more than a picture/, added: 1 },
  { zip: true, name: "an entry larger than any picture", file: "big.zip", bytes: zip([{ name: "a/big.png", store: true, data: "x", size: 90_000_000, packed: 1 }]), says: /too large|damaged|cannot be unpacked/ },
  { zip: true, name: "entries that point outside", file: "slip.zip", bytes: zip([one("../../evil.png"), one("/etc/evil.png", picture(3, 9103)), one("a/ok.png", picture(3, 9102))]), says: /points outside the archive/, added: [1, 2] },
  { zip: true, name: "an encrypted entry", file: "secret.zip", bytes: zip([{ ...one("a/1.png"), flags: 1 }, one("a/2.png", picture(3, 9104))]), says: /encrypted/, added: 1 },
  { zip: true, name: "an entry larger than it says", file: "lie.zip", bytes: zip([{ name: "a/1.png", data: good, size: 10 }]), says: /does not have the size it claims|damaged|too large/ },
  { zip: true, name: "an entry smaller than it says", file: "lie2.zip", bytes: zip([{ name: "a/1.png", data: good, size: good.length + 1000 }]), says: /does not have the size it claims|damaged/ },
  { zip: true, name: "an entry whose checksum is wrong", file: "crc.zip", bytes: zip([{ ...one("a/1.png"), crc: 1 }, one("a/2.png", picture(3, 9105))]), says: /damaged/, added: 1 },
  { zip: true, name: "an entry that does not inflate", file: "junk.zip", bytes: zip([{ name: "a/1.png", data: good, compressed: Buffer.alloc(500, 0xee) }]), says: /damaged/ },
  { zip: true, name: "an entry packed in an unknown way", file: "method.zip", bytes: zip([{ name: "a/1.png", data: good, method: 99 }]), says: /cannot be unpacked|damaged/ },
  { zip: true, name: "a zip in a zip", file: "nested.zip", bytes: zip([{ name: "a/inner.zip", data: zip([one("b/1.png")]) }]), says: /zip archive, not a picture/ },
  { zip: true, name: "a link to a file", file: "link.zip", bytes: zip([{ name: "a/link.png", data: "/etc/passwd", store: true, external: 0o120777 * 0x10000 }]), says: /link to another file/ },
  { zip: true, name: "the same name twice", file: "twice.zip", bytes: zip([one("a/1.png", picture(3, 9106)), one("a/1.png", picture(3, 9107))]), added: [1, 2] },
  { zip: true, name: "the same picture twice", file: "same.zip", bytes: zip([one("a/1.png", picture(3, 9108)), one("a/2.png", picture(3, 9108))]), added: 1, headline: /1 already there/ },
  { zip: true, name: "the same picture in two classes", file: "conflict.zip", bytes: zip([one("a/1.png", picture(3, 9109)), one("b/2.png", picture(3, 9109))]), added: 2, notes: /very same file is also in “a”/ },
  { zip: true, name: "a folder named as markup", file: "markup.zip", bytes: zip([one("<img src=x onerror=alert(1)>/1.png", picture(3, 9110))]), added: 1, classes: "<img src=x onerror=alert(1)>" },
  { zip: true, name: "a folder name that reverses its reading", file: "rtl.zip", bytes: zip([one("evil\u202egnp/1.png", picture(3, 9111))]), added: 1, classes: "evilgnp" },
  { zip: true, name: "a folder name with a NUL", file: "nul.zip", bytes: zip([one("ca\0t/1.png", picture(3, 9112))]), added: [0, 1] },
  { zip: true, name: "a folder name that shows nothing", file: "blank.zip", bytes: zip([one("\u200b\u200b/1.png", picture(3, 9113))]), added: 1 },
  { zip: true, name: "a folder name that is not UTF-8", file: "bytes.zip", bytes: zip([{ ...one(Buffer.from([0xff, 0xfe, 0x2f, 0x31, 0x2e, 0x70, 0x6e, 0x67]), picture(3, 9114)) }]), added: [0, 1] },
  { zip: true, name: "what operating systems leave behind", file: "mac.zip", bytes: zip([one("a/1.png", picture(3, 9115)), { name: "__MACOSX/a/._1.png", data: "junk" }, { name: "a/.DS_Store", data: "junk" }, { name: "a/", data: "" }]), added: 1, plain: true },
  { zip: true, name: "a zip with 60 folders", file: "classes.zip", bytes: zip(Array.from({ length: 60 }, (_, i) => one(`c${i}/1.png`, grey(8 + i, 8)))), says: /at most 50 classes/, added: 48 },
  { zip: true, name: "a zip with a long comment before its end", file: "comment.zip", bytes: zip([one("a/1.png", picture(3, 9116))], { comment: "PK\x05\x06".repeat(3) + "x".repeat(500) }), added: [0, 1] },
];
