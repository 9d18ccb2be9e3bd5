// A backbone of one's own: a file or an offer of the site, fitted, tried, used, kept; and what is refused.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { rename, restored, saved } from "./keep.mjs";
import { done, id, ready, start, trained, withClasses } from "./support.mjs";

const model = new URL("../../assets/models/backbone-selfsup.onnx", import.meta.url);

let site;
before(async () => { site = await start(); });
after(() => site.close());

const text = async (page, name) => (await id(page, name).textContent()).trim();

async function open(page, file) {
  await id(page, "backbone-bring").click();
  await id(page, "bring-file").setInputFiles(file);
}

test("a model is opened, fitted, seen, used, and there again after a reload", async () => {
  const page = await site.page();
  await withClasses(page, [6, 6]);
  await trained(page);
  await open(page, { name: "mine.onnx", mimeType: "", buffer: await readFile(model) });
  await id(page, "bring-found").waitFor({ timeout: 60_000 });
  assert.match(await text(page, "bring-facts"), /learned numbers/);
  assert.match(await text(page, "bring-about"), /256 numbers for a picture, the mean over 4 × 4 places/);
  const sight = () => id(page, "bring-sight").locator("figcaption").textContent();
  await id(page, "bring-sight").waitFor();
  // What enters follows the choice: the file says 0 to 255.
  const before = await sight();
  await id(page, "bring-pixels").selectOption({ label: "0 to 1" });
  await page.waitForFunction((b) => document.querySelector('[data-testid="bring-sight"] figcaption').textContent !== b, before);
  assert.match(await sight(), /to 1\.00|to 0\.\d\d/);
  await id(page, "bring-pixels").selectOption({ label: "0 to 255" });
  await id(page, "bring-use").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="backbone-brought"]')?.checked, null, { timeout: 60_000 });
  await trained(page);
  assert.match(await text(page, "backbone-brought-is"), /mine\.onnx: 256 numbers/);
  const accuracy = await text(page, "accuracy");

  // The same file as the self-supervised twin: the same answers.
  await id(page, "backbone-selfsup").check();
  await trained(page);
  await page.waitForFunction(() => document.querySelector('[data-testid="backbone-selfsup-accuracy"]'));
  assert.equal(await text(page, "accuracy"), accuracy);
  await id(page, "backbone-brought").check();
  await trained(page);

  await rename(page, 0, "Kept");
  await saved(page);
  await page.reload();
  await restored(page);
  await trained(page);
  assert.equal(await id(page, "backbone-brought").isChecked(), true);
  assert.match(await text(page, "backbone-brought-is"), /mine\.onnx/);
  assert.equal(await text(page, "accuracy"), accuracy);
  // It goes along to the other benches.
  await id(page, "bench-share").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="link-carries"]')?.textContent.includes("does not fit into a link"));
  await done(page);
});

test("what cannot be a backbone is refused, and the one before stays", async () => {
  const page = await site.page();
  await withClasses(page, [4, 4]);
  await trained(page);
  const accuracy = await text(page, "accuracy");
  await open(page, { name: "page.onnx", mimeType: "", buffer: Buffer.from("<!DOCTYPE html><title>404</title>") });
  await id(page, "bring-trouble").waitFor();
  assert.match(await text(page, "bring-trouble"), /page\.onnx.*web page/);
  const cut = (await readFile(model)).subarray(0, 100_000);
  await id(page, "bring-file").setInputFiles({ name: "cut.onnx", mimeType: "", buffer: cut });
  await page.waitForFunction(() => document.querySelector('[data-testid="bring-trouble"]')?.textContent.includes("cut.onnx"));
  await id(page, "bring-close").click();
  assert.equal(await id(page, "backbone-supervised").isChecked(), true);
  assert.equal(await text(page, "accuracy"), accuracy);
  await done(page);
});

test("the site's offers come with their hashes, and nothing else is taken for them", async () => {
  const page = await site.page();
  const file = await readFile(model);
  const entry = (name, sha256) => ({ name, about: "Trained without labels.", url: "models/backbone-selfsup.onnx", sha256, bytes: file.length, pixels: "Bytes" });
  const right = createHash("sha256").update(file).digest("hex");
  await page.route("**/models/catalogue.json", (route) => route.fulfill({ json: [entry("Right", right), entry("Wrong", "0".repeat(64))] }));
  await ready(page);
  await withClasses(page, [4, 4]);
  await trained(page);
  await id(page, "backbone-bring").click();
  await id(page, "offer").nth(1).waitFor();
  await id(page, "offer-fetch").nth(1).click();
  await id(page, "bring-trouble").waitFor({ timeout: 30_000 });
  assert.match(await text(page, "bring-trouble"), /not the file the catalogue promises/);
  await id(page, "offer-fetch").nth(0).click();
  await id(page, "bring-found").waitFor({ timeout: 60_000 });
  await id(page, "bring-use").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="backbone-brought"]')?.checked, null, { timeout: 60_000 });
  await trained(page);
  assert.match(await text(page, "backbone-brought-is"), /Right: 256 numbers/);
  await done(page);
});
