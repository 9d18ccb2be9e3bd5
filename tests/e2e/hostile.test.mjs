// Every hostile file has its stated outcome, and nothing that was there is lost.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hostile } from "./hostile.mjs";
import { counts, done, id, ready, settled, start, withClasses } from "./support.mjs";

let site;
let page;
before(async () => {
  site = await start();
  page = await site.page();
  await withClasses(page, [2, 2]);
  await ready(page);
});
after(async () => {
  await done(page);
  await site.close();
});

const total = () => counts(page).then((all) => Object.values(all).reduce((a, b) => a + b));
const text = async (name) => ((await id(page, name).count()) ? id(page, name).textContent() : "");

// Gives one file to the page: through the class's own picker, or the zip picker.
async function give({ zip, file, bytes }) {
  const field = zip ? id(page, "pick-zip") : id(page, "class").first().getByTestId("class-add");
  const mimeType = zip ? "application/zip" : "image/png";
  if (typeof bytes !== "number") return field.setInputFiles({ name: file, mimeType, buffer: bytes });
  // Zeros, made in the page rather than sent to it.
  await field.evaluate((input, [file, size]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(size)], file, { type: "image/png" }));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }, [file, bytes]);
}

assert.ok(hostile.length >= 40);
for (const input of hostile) {
  test(input.name, async () => {
    const before = await total();
    const toasts = await text("toasts");
    await give(input);
    // Either a summary appears, or a toast says that all is well.
    await page.waitForFunction((old) => !document.querySelector('[data-testid="import-progress"]')
      && (document.querySelector('[data-testid="import-summary"]') || document.querySelector('[data-testid="toasts"]').textContent !== old), toasts, { timeout: 60_000 });
    await settled(page);
    const added = (await total()) - before;
    const [refused, notes, headline] = [await text("import-refused"), await text("import-notes"), await text("import-headline")];
    const where = `added ${added}; ${headline} | ${refused} | ${notes}`;

    const expected = [input.added ?? 0].flat();
    assert.ok(added >= expected[0] && added <= expected.at(-1), where);
    if (input.says) assert.match(refused, input.says, where);
    if (input.notes) assert.match(notes, input.notes, where);
    if (input.headline) assert.match(headline, input.headline, where);
    if (input.plain) assert.equal(refused + notes, "", where);
    if (input.classes) assert.ok(Object.keys(await counts(page)).includes(input.classes), where);
    const kept = await counts(page);
    assert.ok(kept.Stripes >= 2 && kept.Rings >= 2, "the earlier pictures are there");

    // Back to where we were.
    if (added > 0) await id(page, "undo").click();
    assert.equal(await total(), before);
    if (await id(page, "import-dismiss").count()) await id(page, "import-dismiss").click();
    // Toasts that are gone cannot be taken for new ones.
    await page.evaluate(() => document.querySelectorAll('[data-testid="toasts"] [aria-label="Dismiss message"]').forEach((b) => b.click()));
    await page.waitForFunction(() => document.querySelector('[data-testid="toasts"]')?.textContent === "");
  });
}

test("EXIF orientations 1 to 8 all end up the same way", async () => {
  const files = await page.evaluate(async () => {
    // What each orientation means: how the stored pixels are turned to stand upright (TIFF 6.0, tag 274).
    const upright = new OffscreenCanvas(96, 96);
    const paint = upright.getContext("2d");
    ["#d22", "#2a2", "#22d", "#dd2"].forEach((color, i) => {
      paint.fillStyle = color;
      paint.fillRect((i % 2) * 48, (i >> 1) * 48, 48, 48);
    });
    paint.fillStyle = "#fff";
    paint.fillRect(8, 8, 30, 12);
    const inverse = { 1: [1, 0, 0, 1, 0, 0], 2: [-1, 0, 0, 1, 96, 0], 3: [-1, 0, 0, -1, 96, 96], 4: [1, 0, 0, -1, 0, 96], 5: [0, 1, 1, 0, 0, 0], 6: [0, -1, 1, 0, 0, 96], 7: [0, -1, -1, 0, 96, 96], 8: [0, 1, -1, 0, 96, 0] };
    const out = [];
    for (const [orientation, matrix] of Object.entries(inverse)) {
      const stored = new OffscreenCanvas(96, 96);
      const context = stored.getContext("2d");
      context.setTransform(...matrix);
      context.drawImage(upright, 0, 0);
      const jpeg = new Uint8Array(await (await stored.convertToBlob({ type: "image/jpeg", quality: 0.95 })).arrayBuffer());
      const exif = [0xff, 0xe1, 0, 34, ...new TextEncoder().encode("Exif\0\0MM\0*"), 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, Number(orientation), 0, 0, 0, 0, 0, 0];
      out.push([...jpeg.slice(0, 2), ...exif, ...jpeg.slice(2)]);
    }
    return out;
  });
  const before = await total();
  await id(page, "class").first().getByTestId("class-add").setInputFiles(
    files.map((bytes, i) => ({ name: `orientation-${i + 1}.jpg`, mimeType: "image/jpeg", buffer: Buffer.from(bytes) })));
  await page.waitForFunction((n) => document.querySelector('[data-testid="class-count"]')?.textContent === String(n), 10);
  const distances = await page.evaluate(async () => {
    const read = async (tile) => {
      const image = tile.querySelector("img");
      await image.decode();
      const canvas = new OffscreenCanvas(112, 112).getContext("2d");
      canvas.drawImage(image, 0, 0, 112, 112);
      return canvas.getImageData(0, 0, 112, 112).data;
    };
    const tiles = [...document.querySelectorAll('[data-testid="class"]')[0].querySelectorAll('[data-testid="picture"]')].slice(-8);
    const all = await Promise.all(tiles.map(read));
    return all.map((data) => data.reduce((sum, v, i) => sum + Math.abs(v - all[0][i]), 0) / data.length);
  });
  assert.equal(distances.length, 8);
  assert.ok(distances.every((d) => d < 6), `mean differences ${distances}`);
  await id(page, "undo").click();
  assert.equal(await total(), before);
});
