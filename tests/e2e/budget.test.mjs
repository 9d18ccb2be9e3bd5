// What labels buy: the curve, pictures without labels, the map; on the first visit's road signs.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { files } from "./pictures.mjs";
import { counts, done, id, start, trained } from "./support.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let site;
before(async () => { site = await start(); });
after(() => site.close());

async function signs(page) {
  await id(page, "use-sample").click();
  await trained(page);
}

async function look(page, name) {
  const { view } = page;
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${view}-${name}.png`, fullPage: true });
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(width[0] <= width[1], `${name}: ${width[0]} pixels wide on a screen of ${width[1]}`);
  const flaws = await page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ["violations"] });
    return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join(" | ")}`);
  });
  assert.deepEqual(flaws, [], name);
}

const idle = (page, name, timeout = 120_000) => id(page, name).waitFor({ state: "visible", timeout });

test("accuracy against labels, for three backbones, with a forecast; it can be stopped", async () => {
  const page = await site.page();
  await signs(page);
  await id(page, "budget-measure").click();
  await id(page, "budget-cancel").click();
  await id(page, "budget-measure").click();
  await idle(page, "budget-measure");
  const rows = await id(page, "budget-table").locator("tbody tr").allTextContents();
  assert.equal(rows.length, 3);
  for (const row of rows) assert.equal(row.match(/\d+\s%\s\(/g).length, 4, row);
  const said = await id(page, "budget-forecast").locator("p").allTextContents();
  assert.equal(said.length, 3);
  assert.match(said[0], /With the 120 labels there are, the next 20 should buy about \d+\.\d points \(\d+\.\d to \d+\.\d\)/);
  // The chosen backbone is as it was.
  assert.ok(await id(page, "backbone-supervised").isChecked());
  // Other data: the curve says nothing about them.
  await id(page, "undo").click();
  await page.waitForFunction(() => !document.querySelector('[data-testid="budget-table"]'));
  await done(page);
});

test("from scratch: its worker is fetched when it is asked for, and its training can be seen and stopped", async () => {
  const page = await site.page();
  const fetched = [];
  page.on("request", (request) => { if (/scratch/.test(request.url())) fetched.push(request.url()); });
  await signs(page);
  for (const way of ["supervised", "selfsup", "random"]) await id(page, `budget-${way}`).uncheck();
  assert.ok(await id(page, "budget-measure").isDisabled());
  await id(page, "budget-scratch").check();
  assert.equal(fetched.length, 0);
  await id(page, "budget-measure").click();
  await page.waitForFunction(() => /epoch \d+ of \d+/.test(document.querySelector('[data-testid="budget-doing"]')?.textContent ?? ""), null, { timeout: 60_000 });
  assert.ok(fetched.some((url) => url.endsWith("scratch_bg.wasm")));
  await page.waitForFunction(() => /\d+\s%\s\(/.test(document.querySelector('[data-testid="budget-table"]')?.textContent ?? ""), null, { timeout: 120_000 });
  await id(page, "budget-cancel").click();
  await idle(page, "budget-measure");
  assert.match(await id(page, "budget-table").textContent(), /from scratch/);
  await done(page);
});

test("pictures without labels: brought, tried and told apart from those with one", async () => {
  const page = await site.page();
  await signs(page);
  const before = await counts(page);
  await id(page, "others-files").setInputFiles([...files(0, 5), { name: "broken.png", mimeType: "image/png", buffer: Buffer.from("nothing") }]);
  await page.waitForFunction(() => /^5 pictures without a label$/.test(document.querySelector('[data-testid="others-count"]')?.textContent));
  assert.match(await id(page, "others-refused").textContent(), /broken\.png/);
  assert.deepEqual(await counts(page), before, "they go into no class");
  await id(page, "others-compare").click();
  await id(page, "others-cancel").click();
  await id(page, "others-compare").click();
  await idle(page, "others-compare");
  const rows = await id(page, "others-table").locator("tbody tr").allTextContents();
  assert.equal(rows.length, 5);
  assert.match(rows[2], /[+-]\d+\.\d points \([+-]\d+\.\d to [+-]\d+\.\d\)/);
  assert.match(await id(page, "others-verdict").textContent(), /help/);
  await id(page, "others-labels").fill("500");
  await id(page, "others-labels").press("Tab");
  await id(page, "others-compare").click();
  assert.match(await id(page, "others-trouble").textContent(), /1 to 9 pictures/);

  // On the map they are grey, and say who their neighbours are.
  await id(page, "map-draw").click();
  await id(page, "map-cancel").click();
  await id(page, "map-draw").click();
  await idle(page, "map-draw");
  assert.equal(await page.locator(".spot").count(), 125);
  assert.equal(await page.locator(".spot.grey").count(), 5);
  assert.match(await id(page, "map-said").textContent(), /explain \d+\s%.*divergence of \d\.\d\d/);
  await id(page, "map-plane").focus();
  // Where a key leads depends on the map, and four of them may lead back.
  const seen = new Set([await id(page, "map-looking").textContent()]);
  for (const key of ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"]) {
    await page.keyboard.press(key);
    seen.add(await id(page, "map-looking").textContent());
  }
  assert.ok(seen.size > 1, [...seen].join());
  await page.locator(".spot.grey").first().scrollIntoViewIfNeeded();
  const box = await page.locator(".spot.grey").first().boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForFunction(() => /No label; \d of its 6 nearest are/.test(document.querySelector('[data-testid="map-looking"]')?.textContent));
  assert.equal(await id(page, "map-neighbours").locator("img").count(), 6);
  await id(page, "others-clear").click();
  await page.waitForFunction(() => !document.querySelector(".spot"));
  await done(page);
});

for (const [view, options] of [
  ["desktop-light", { colorScheme: "light" }],
  ["phone-dark", { colorScheme: "dark", viewport: { width: 360, height: 740 }, hasTouch: true }],
]) {
  test(`accessible and no wider than the screen: ${view}`, async () => {
    const page = await site.page({ ...options, init: axe });
    page.view = view;
    await signs(page);
    // All three ways: with the one whose embeddings are there already, it can be done before a look.
    await id(page, "budget-measure").click();
    await id(page, "budget-cancel").waitFor();
    await look(page, "budget-running");
    await idle(page, "budget-measure");
    await id(page, "others-compare").click();
    await idle(page, "others-compare");
    await id(page, "map-draw").click();
    await idle(page, "map-draw");
    await id(page, "map-plane").focus();
    await look(page, "budget");
    await done(page);
  });
}
