// The Shift bench: a classifier of road signs is taken to the field.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { files } from "./pictures.mjs";
import { done, id, start, trained, withClasses } from "./support.mjs";

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
  }, null, { timeout: 60_000 });
}

/** Opens the bench with a classifier of road signs that has been to the field. */
async function signs(page) {
  await id(page, "bench-shift").click();
  await id(page, "shift-sample").click();
  await trained(page);
  await visited(page);
}

const percents = async (page, name) => (await id(page, name).locator("tbody td:nth-child(2)").allTextContents()).map(parseFloat);

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
  await signs(page);
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
  await id(page, "shift-wrong").click();
  assert.equal(await id(page, "shots").locator("li").count(), wrong);
  const found = await id(page, "shift-classes").locator("tbody td").allTextContents();
  assert.equal(found.length, 8);
  await id(page, "shift-flipped").click();
  const flipped = await id(page, "shots").locator("li").count();
  assert.ok(flipped > 0 && flipped <= wrong, `${flipped} flipped of ${wrong} wrong`);

  // What it looks at, in the lab and here.
  await id(page, "shots").locator("button").first().click();
  for (const side of ["lab", "field"]) {
    await id(page, `compare-${side}`).locator("img").waitFor();
    const painted = await id(page, `compare-${side}`).locator("canvas").evaluate((canvas) => {
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      return pixels.some((value, at) => at % 4 === 3 && value > 20);
    });
    assert.ok(painted, `a map over the ${side}'s picture`);
  }
  await page.keyboard.press("Escape");
  assert.equal(found.map((t) => Number(/(\d+) of 12/.exec(t)[1])).reduce((a, b) => a + b), 96 - wrong);

  // Back in Learn everything is as it was.
  await id(page, "bench-learn").click();
  assert.ok(await id(page, "results").isVisible());
  await done(page);
});

test("the way to the field names its steps, and the steepest is the cause", async () => {
  const page = await site.page();
  await signs(page);
  await choose(page, "country", "Japan");
  await id(page, "tab-cause").click();
  await id(page, "way-measure").click();
  await id(page, "way-cancel").waitFor({ state: "hidden", timeout: 90_000 });
  const steps = await id(page, "way-table").locator("tbody th").allTextContents();
  assert.deepEqual(steps, ["Lab", "+ Japan", "+ Winter", "only Japan", "only Winter"]);
  const accuracy = await percents(page, "way-table");
  assert.ok(accuracy[0] > 80 && accuracy[2] < accuracy[0], `${accuracy}`);
  assert.match(await id(page, "way-speed").textContent(), /\d+ pictures a second with 1 engine/);
  await done(page);
});

test("all corruptions stream into the table, two engines share the work, a cell leads to its pictures", async () => {
  const page = await site.page();
  await signs(page);
  await id(page, "tab-cause").click();
  await id(page, "table-workers").selectOption("2");
  await id(page, "table-measure").click();
  const filled = () => id(page, "table").locator(".heat-cell").evaluateAll((cells) => cells.filter((c) => /%/.test(c.textContent)).length);
  await page.waitForFunction(() => document.querySelector(".heat-cell")?.textContent.includes("%"), null, { timeout: 20_000 });
  await page.waitForFunction(() => [...document.querySelectorAll(".heat-cell")].every((c) => c.textContent.includes("%")), null, { timeout: 120_000 });
  assert.equal(await filled(), 95);
  assert.equal(page.workers().length, 2);
  await id(page, "table-cancel").click();
  await page.waitForTimeout(300);
  assert.equal(page.workers().length, 1, "the second engine is gone");
  await page.locator(".heat-cell").nth(4).click();
  await page.waitForFunction(() => document.querySelector('[data-testid="shift-verdict"]')?.textContent, null, { timeout: 60_000 });
  assert.equal(await id(page, "shift-severity").inputValue(), "5");
  assert.match(await id(page, "shift-explain").textContent(), /sensor/);
  await done(page);
});

test("detectors ring in the snow and keep quiet at home; estimates stand beside the truth", async () => {
  const page = await site.page();
  await signs(page);
  const verdict = async () => {
    await id(page, "notice-test").click();
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="notice-table"] tbody tr').length === 5, null, { timeout: 60_000 });
    return id(page, "notice-verdict").textContent();
  };
  await id(page, "tab-notice").click();
  assert.match(await verdict(), /Alarm: [3-5] of 5/);
  await id(page, "estimates").getByText("The truth").waitFor();
  assert.equal(await id(page, "estimates").locator("li").count(), 3);
  assert.equal(await id(page, "unlike").locator("li").count(), 12);
  await page.waitForFunction(() => /%/.test(document.querySelector('[data-testid="notice-table"] tbody tr td:nth-child(4)')?.textContent ?? ""), null, { timeout: 60_000 });
  await id(page, "notice-cancel").click();
  // The same by what the head answers.
  const first = () => id(page, "notice-table").locator("tbody tr").first().textContent();
  const by = { embeddings: await first() };
  await id(page, "notice-by").selectOption("outputs");
  assert.match(await verdict(), /Alarm: [3-5] of 5/);
  by.outputs = await first();
  assert.notEqual(by.outputs, by.embeddings);
  await id(page, "notice-by").selectOption("embedding");

  await id(page, "tab-outcome").click();
  await choose(page, "season", "Summer");
  await id(page, "tab-notice").click();
  assert.match(await verdict(), /No alarm|Alarm: 1 of 5/);
  await done(page);
});

test("repairs are compared, and pictures brought home make the field better", async () => {
  const page = await site.page();
  await signs(page);
  await choose(page, "country", "Japan");
  const before = await share(page, "shift-field");
  await id(page, "tab-repair").click();
  await id(page, "mend-budget").fill("48");
  await id(page, "mend-compare").click();
  await id(page, "mend-table").waitFor({ timeout: 120_000 });
  const arms = await id(page, "mend-table").locator("tbody tr").count();
  assert.equal(arms, 7, "as it is, three ways to label, augment, two alignments");
  await id(page, "mend-home").click();
  await page.waitForFunction(() => /^168/.test(document.querySelector('[data-testid="strip-data"]')?.textContent ?? ""), null, { timeout: 60_000 });
  await trained(page);
  await id(page, "tab-outcome").click();
  // Once more with the new head, on photographs it has not seen.
  await page.waitForFunction((before) => {
    const text = (name) => document.querySelector(`[data-testid="${name}"]`)?.textContent ?? "";
    const done = text("shift-count").startsWith("96") && !document.querySelector('[data-testid="shift-cancel"]');
    return done && parseFloat(text("shift-field")) > before + 5;
  }, before, { timeout: 60_000 });
  await done(page);
});

test("a year is played, scrubbed through and can be stopped", async () => {
  const page = await site.page();
  await signs(page);
  await id(page, "tab-year").click();
  await id(page, "year-play").click();
  await page.waitForFunction(() => Number(document.querySelector('[data-testid="year-week"]')?.max) >= 2, null, { timeout: 60_000 });
  await id(page, "year-week").fill("1");
  assert.equal(await id(page, "year-pictures").locator("img").count(), 60);
  assert.equal(await id(page, "year-table").locator("tbody tr").count(), 3);
  await id(page, "year-cancel").click();
  await id(page, "year-play").waitFor();
  await done(page);
});

test("pictures brought from the field are looked at, and what cannot be tested is said", async () => {
  const page = await site.page();
  await withClasses(page, [10, 10]);
  await trained(page);
  await id(page, "bench-shift").click();
  await id(page, "source-collected").click();
  await id(page, "collect-files").setInputFiles([...files(0, 1, 700), { name: "notes.txt", mimeType: "image/png", buffer: Buffer.from("no picture") }]);
  await id(page, "collect-refused").getByText("notes.txt").waitFor();
  await id(page, "tab-notice").click();
  await page.waitForFunction(() => !document.querySelector('[data-testid="notice-test"]').disabled);
  await id(page, "notice-test").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="notice-table"]')?.textContent.includes("1 pictures; this needs at least"), null, { timeout: 30_000 });
  await id(page, "tab-repair").click();
  await id(page, "mend-compare").click();
  await id(page, "mend-trouble").waitFor();
  await id(page, "tab-outcome").click();
  assert.match(await id(page, "shift-count").textContent(), /1 of unknown class/);
  await id(page, "collect-class").selectOption({ index: 1 });
  await id(page, "collect-files").setInputFiles(files(0, 5, 800));
  await page.waitForFunction(() => /^6 photographs.*1 of unknown class/.test(document.querySelector('[data-testid="shift-count"]')?.textContent ?? ""));
  // What it looks at, beside the most alike picture of the lab.
  await id(page, "shots").locator("button").nth(2).click();
  for (const side of ["lab", "field"]) await id(page, `compare-${side}`).locator("img").waitFor();
  assert.match(await id(page, "compare").textContent(), /most alike picture of the same class/);
  const [here, there] = await Promise.all(["lab", "field"].map((side) => id(page, `compare-${side}`).locator("img").getAttribute("src")));
  assert.notEqual(here, there);
  await page.keyboard.press("Escape");
  // A folder whose name is no class.
  const folder = join(mkdtempSync(join(tmpdir(), "fieldtest-")), "Unicorns");
  mkdirSync(folder);
  for (const file of files(1, 2, 900)) writeFileSync(join(folder, file.name), file.buffer);
  await id(page, "collect-folder").setInputFiles(folder);
  await id(page, "collect-strangers").getByText("does not know Unicorns").waitFor();
  await page.waitForFunction(() => /^8 photographs.*3 of unknown class/.test(document.querySelector('[data-testid="shift-count"]')?.textContent ?? ""));
  rmSync(folder, { recursive: true });
  await id(page, "collect-clear").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="shift-count"]')?.textContent.startsWith("0"));
  await done(page);
});

test("a classifier of something else is told that this field is not its own", async () => {
  const page = await site.page();
  await id(page, "bench-shift").click();
  await id(page, "shift-empty").waitFor();
  await done(page);
});
