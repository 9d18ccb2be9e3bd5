// The Shift bench: a classifier of road signs is taken to the field.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { done, id, start, trained } from "./support.mjs";

let site;
before(async () => {
  site = await start();
});
after(() => site.close());

const share = async (page, name) => parseFloat(await id(page, name).textContent());

/** Waits until a visit to the field with these words in its count has ended. */
async function visited(page) {
  await page.waitForFunction(() => {
    const text = (name) => document.querySelector(`[data-testid="${name}"]`)?.textContent ?? "";
    return text("shift-count").startsWith("96 photographs") && text("shift-verdict") && !document.querySelector('[data-testid="shift-cancel"]');
  });
}

async function choose(page, what, name) {
  const before = await id(page, "shots").locator("img").first().getAttribute("src");
  await id(page, `shift-${what}`).selectOption({ label: name });
  await page.waitForFunction((src) => {
    const first = document.querySelector('[data-testid="shots"] img');
    return first && first.src !== src;
  }, before);
  await visited(page);
}

test("the same field is as good as the lab, another world is worse, and the pictures show it", async () => {
  const page = await site.page();
  await id(page, "bench-shift").click();
  await id(page, "shift-sample").click();
  await trained(page);
  await visited(page);
  await choose(page, "season", "Summer");
  const [lab, home] = [await share(page, "shift-lab"), await share(page, "shift-field")];
  assert.ok(Math.abs(lab - home) < 15, `the same world: ${lab} in the lab, ${home} in the field`);

  await choose(page, "season", "Winter");
  await choose(page, "hour", "Night");
  await choose(page, "device", "Webcam");
  const away = await share(page, "shift-field");
  assert.ok(away < home - 10, `night, snow and a cheap camera: ${away} against ${home}`);
  assert.match(await id(page, "shift-verdict").textContent(), /The field costs \d+ points of accuracy/);
  const wrong = Number(/(\d+) wrong/.exec(await id(page, "shift-count").textContent())[1]);
  assert.equal(wrong, 96 - Math.round((away / 100) * 96));
  await id(page, "shift-wrong").check();
  assert.equal(await id(page, "shots").locator("li").count(), wrong);
  const found = await id(page, "shift-classes").locator("tbody td").allTextContents();
  assert.equal(found.length, 8);
  assert.equal(found.map((t) => Number(/(\d+) of 12/.exec(t)[1])).reduce((a, b) => a + b), 96 - wrong);

  // Back in Learn everything is as it was.
  await id(page, "bench-learn").click();
  assert.ok(await id(page, "results").isVisible());
  await done(page);
});

test("a classifier of something else is told that this field is not its own", async () => {
  const page = await site.page();
  await id(page, "bench-shift").click();
  assert.ok(await id(page, "shift-empty").isVisible());
  await done(page);
});
