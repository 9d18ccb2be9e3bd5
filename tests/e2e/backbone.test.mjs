// Changing the backbone under a classifier: every picture is looked at again, nothing is lost.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFile } from "node:fs/promises";
import { pack } from "../../scripts/pack-models.mjs";
import { saved } from "./keep.mjs";
import { files } from "./pictures.mjs";
import { counts, done, id, ready, start, trained, withClasses } from "./support.mjs";

let site;
before(async () => { site = await start(); });
after(() => site.close());

const choose = (page, key) => id(page, `backbone-${key}`).check({ force: true });
const settled = (page) => page.waitForFunction(() => !document.querySelector('[data-testid="backbone-progress"]'));
test("random instead of supervised, and back: retrained on what the other one sees", async () => {
  const page = await site.page();
  await withClasses(page, [24, 24]);
  await trained(page);
  await choose(page, "random");
  await id(page, "backbone-progress").waitFor();
  await settled(page);
  await trained(page);
  // Both are measured on the same pictures, side by side.
  await id(page, "backbone-random-accuracy").waitFor();
  assert.match(await id(page, "backbone-supervised-accuracy").textContent(), /^\d+\s%$/);
  assert.match(await id(page, "backbone-meaning").textContent(), /never trained/);
  assert.deepEqual(await counts(page), { Stripes: 24, Rings: 24 });

  // Pictures that come now are seen by the new one, and later by the old one, too.
  await id(page, "class").first().getByTestId("class-add").setInputFiles(files(0, 4, 900));
  await page.waitForFunction(() => document.querySelector('[data-testid="class-count"]')?.textContent === "28");
  await trained(page);
  assert.equal(await id(page, "backbone-supervised-accuracy").count(), 0, "was measured on fewer pictures");
  await choose(page, "supervised");
  await settled(page);
  await trained(page);
  assert.deepEqual(await counts(page), { Stripes: 28, Rings: 24 });
  await done(page);
});

test("the self-supervised twin is fetched when it is asked for, and once", async () => {
  const page = await site.page();
  const fetched = [];
  page.on("request", (request) => { if (request.url().endsWith("backbone-selfsup.packed")) fetched.push(request.url()); });
  await withClasses(page, [20, 20]);
  await trained(page);
  assert.equal(fetched.length, 0);
  await choose(page, "selfsup");
  await settled(page);
  await trained(page);
  await id(page, "backbone-selfsup-accuracy").waitFor();
  assert.match(await id(page, "backbone-meaning").textContent(), /label/);
  await choose(page, "supervised");
  await settled(page);
  await trained(page);
  await choose(page, "selfsup");
  await settled(page);
  await trained(page);
  assert.equal(fetched.length, 1);
  assert.deepEqual(await counts(page), { Stripes: 20, Rings: 20 });
  await done(page);
});

test("cancelling goes back to the backbone there was", async () => {
  const page = await site.page();
  await withClasses(page, [120, 120]);
  await trained(page);
  const accuracy = await id(page, "strip-accuracy").textContent();
  await choose(page, "random");
  await page.waitForFunction(() => /\d+ of 240/.test(document.querySelector('[data-testid="backbone-progress"]')?.textContent ?? ""));
  await id(page, "backbone-cancel").click();
  await settled(page);
  await trained(page);
  assert.ok(await id(page, "backbone-supervised").isChecked());
  assert.equal(await id(page, "strip-accuracy").textContent(), accuracy);
  await done(page);
});

test("killed while looking again: it goes on where it was", async () => {
  const page = await site.page({ allowed: ["The engine stopped", "panicked", "unreachable"] });
  await withClasses(page, [120, 120]);
  await trained(page);
  await choose(page, "random");
  await page.waitForFunction(() => /[1-9]\d* of 240/.test(document.querySelector('[data-testid="backbone-progress"]')?.textContent ?? ""));
  await page.workers().at(-1).evaluate(() => { setTimeout(() => self.trap()); });
  await settled(page);
  await trained(page);
  assert.ok(await id(page, "backbone-random").isChecked());
  assert.deepEqual(await counts(page), { Stripes: 120, Rings: 120 });
  await done(page);
});

test("a large sample set is shown before the backbone has seen it; what it has not seen can be left out, and had back", async () => {
  const page = await site.page();
  await ready(page);
  await id(page, "sample-count").selectOption("800");
  await id(page, "use-sample").click();
  await page.waitForFunction(() => /[1-9]\d* of 800/.test(document.querySelector('[data-testid="backbone-progress"]')?.textContent ?? ""), null, { timeout: 90_000 });
  const all = async () => Object.values(await counts(page)).reduce((sum, n) => sum + n, 0);
  assert.equal(await all(), 800);
  assert.equal(await id(page, "import-progress").count(), 0);
  await id(page, "backbone-cancel").click();
  await trained(page);
  const seen = await all();
  assert.ok(seen < 800, String(seen));
  await id(page, "undo").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="backbone-progress"]'));
  await page.waitForFunction(() => !document.querySelector('[data-testid="backbone-progress"]'), null, { timeout: 60_000 });
  await trained(page);
  assert.equal(await all(), 800);
  await done(page);
});

test("a newer backbone looks at a kept project anew; stopped, the pictures wait", async () => {
  const page = await site.page();
  await ready(page);
  await id(page, "sample-count").selectOption("800");
  await id(page, "use-sample").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="backbone-progress"]'), null, { timeout: 90_000 });
  await page.waitForFunction(() => !document.querySelector('[data-testid="backbone-progress"]'), null, { timeout: 90_000 });
  await trained(page);
  await saved(page, 60_000);
  // The same network in a file that differs by a byte: whose name is in it.
  const model = await readFile(new URL("../../assets/models/backbone-supervised.onnx", import.meta.url));
  model[model.indexOf("fieldtest training")] ^= 0x20;
  await page.route("**/backbone-supervised.packed", (route) => route.fulfill({ body: pack(model) }));
  await page.reload();
  const all = async () => Object.values(await counts(page)).reduce((sum, n) => sum + n, 0);
  await page.waitForFunction(() => /[1-9]\d* of 800/.test(document.querySelector('[data-testid="backbone-progress"]')?.textContent ?? ""), null, { timeout: 90_000 });
  await id(page, "backbone-cancel").click();
  await page.waitForFunction(() => !document.querySelector('[data-testid="backbone-progress"]'));
  assert.match(await id(page, "toasts").textContent(), /wait until the newer backbone/);
  assert.equal(await all(), 800, "none is left out");
  await id(page, "toast-action").click();
  await id(page, "backbone-progress").waitFor();
  await page.waitForFunction(() => !document.querySelector('[data-testid="backbone-progress"]'), null, { timeout: 60_000 });
  await trained(page);
  assert.equal(await all(), 800);
  await done(page);
});

test("chosen before the engine has loaded: it starts with it", async () => {
  const page = await site.browser.newContext().then((c) => c.newPage());
  await page.route("**/backbone-supervised.packed", async (route) => {
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    await route.continue();
  });
  await page.goto(site.site.url);
  await id(page, "start-class").click();
  await choose(page, "random");
  assert.equal(await id(page, "engine-failed").count(), 0);
  await withClasses(page, [10, 10]);
  await trained(page);
  await id(page, "backbone-random-accuracy").waitFor();
  assert.equal(await id(page, "engine-failed").count(), 0);
  await page.context().close();
});
