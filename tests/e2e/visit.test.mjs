// A first visit, by each way in, to a trained classifier.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { CLASSES, files, picture } from "./pictures.mjs";
import { counts, done, id, ready, settled, start, trained, withClasses } from "./support.mjs";
import { zip } from "./zips.mjs";

let site;
before(async () => { site = await start(); });
after(() => site.close());

const archive = (sizes) => zip(sizes.flatMap((size, kind) =>
  Array.from({ length: size }, (_, i) => ({ name: `data/${CLASSES[kind]}/${i}.png`, data: picture(kind, i), store: true }))));

// Accuracy, interval, matrix, class by class: everything there and about the right data.
async function checkResults(page, pictures, classes) {
  const accuracy = await id(page, "accuracy").textContent();
  assert.match(accuracy, /^\d+(\.\d)?\s%$/);
  assert.ok(parseFloat(accuracy) > 70, `these classes are easy, yet the accuracy is ${accuracy}`);
  assert.match(await id(page, "accuracy-interval").textContent(), new RegExp(`between .* and .*${pictures} pictures`));
  assert.match(await id(page, "accuracy-how").textContent(), /held out once, in 5 rounds/);
  const cells = await id(page, "confusion").locator("td button, td.cell-none").allTextContents();
  assert.equal(cells.length, classes * classes);
  assert.equal(cells.map(Number).reduce((a, b) => a + b), pictures);
  assert.equal(await id(page, "per-class").locator("tbody tr").count(), classes);
}

test("from files", async () => {
  const page = await site.page();
  assert.ok(await id(page, "welcome").isVisible());
  await withClasses(page, [20, 20, 20]);
  await trained(page);
  await checkResults(page, 60, 3);
  assert.match(await id(page, "strip-data").textContent(), /60 pictures.*3 classes/);
  assert.match(await id(page, "strip-size").textContent(), /MB.*MB in memory/);

  // Try it: a new picture of the second class.
  await id(page, "try-pick").setInputFiles(files(1, 1, 500));
  await page.waitForFunction(() => document.querySelector('[data-testid="verdict"]')?.textContent);
  assert.match(await id(page, "verdict").textContent(), /Rings|None of these/);
  assert.equal(await id(page, "bars").locator("li").count(), 3);
  assert.match(await id(page, "heat-legend").textContent(), /speaks for .*speaks against it/);
  const painted = await id(page, "heatmap").evaluate((c) => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some((v) => v > 0));
  assert.ok(painted, "the heatmap is painted");
  await id(page, "heat-class").selectOption({ label: "Checks" });
  assert.match(await id(page, "heat-legend").textContent(), /speaks for Checks/);
  await done(page);
});

test("from nothing: the road signs drawn here", async () => {
  const page = await site.page();
  await id(page, "use-sample").click();
  await id(page, "import-progress").waitFor();
  await trained(page);
  const signs = ["Stop", "Give way", "No entry", "Speed limit", "Pedestrian crossing", "Roundabout", "No parking", "No overtaking"];
  assert.deepEqual(await counts(page), Object.fromEntries(signs.map((name) => [name, 15])));
  await checkResults(page, 120, 8);
  await page.keyboard.press("Control+z");
  await id(page, "welcome").waitFor();
  await done(page);
});

test("from a zip whose folders are the classes, before the engine is ready", async () => {
  const page = await site.page();
  await id(page, "pick-zip").setInputFiles({ name: "shapes.zip", mimeType: "application/zip", buffer: archive([16, 16]) });
  await trained(page);
  assert.deepEqual(await counts(page), { Stripes: 16, Rings: 16 });
  await checkResults(page, 32, 2);
  await done(page);
});

test("from a dropped zip and dropped files", async () => {
  const page = await site.page();
  const drop = async (target, name, type, bytes) => {
    const data = await page.evaluateHandle(([name, type, base64]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }));
      return transfer;
    }, [name, type, bytes.toString("base64")]);
    await target.dispatchEvent("drop", { dataTransfer: data });
  };
  await drop(id(page, "welcome"), "shapes.zip", "application/zip", archive([3, 3]));
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="class"]').length === 2);
  await settled(page);
  await drop(id(page, "class").nth(1), "extra.png", "image/png", picture(1, 77));
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="class-count"]')[1]?.textContent === "4");
  assert.deepEqual(await counts(page), { Stripes: 3, Rings: 4 });
  await done(page);
});

test("by pasting, into the class that is chosen for it", async () => {
  const page = await site.page();
  await id(page, "start-class").click();
  await id(page, "target-class").selectOption({ label: "Class 2" });
  await page.evaluate((base64) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], "shot.png", { type: "image/png" }));
    window.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
  }, picture(0, 5).toString("base64"));
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="class-count"]')[1]?.textContent === "1");
  assert.deepEqual(await counts(page), { "Class 1": 0, "Class 2": 1 });
  await done(page);
});

test("one class, an empty class, few pictures and imbalance are each explained", async () => {
  const page = await site.page();
  const warnings = () => id(page, "warning").allTextContents().then((all) => all.join("\n"));
  await withClasses(page, [6, 0]);
  await ready(page);
  assert.match(await warnings(), /All pictures are in “Stripes”\. Add a second class/);
  assert.match(await warnings(), /“Rings” has no pictures yet/);
  await id(page, "class").nth(1).getByTestId("class-add").setInputFiles(files(1, 1));
  await trained(page);
  assert.match(await warnings(), /6 times as many/);
  assert.match(await warnings(), /“Rings” has only 1 picture\./);
  await done(page);
});

test("files named in folders: the folder picker makes a class of each folder", async () => {
  const { mkdtemp, mkdir, rm, writeFile } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const root = await mkdtemp(join(tmpdir(), "fieldtest-"));
  for (const [kind, name] of [[0, "left"], [1, "right"]]) {
    await mkdir(join(root, "set", name), { recursive: true });
    for (let i = 0; i < 3; i++) await writeFile(join(root, "set", name, `${i}.png`), picture(kind, i));
    await writeFile(join(root, "set", name, ".DS_Store"), "x");
  }
  const page = await site.page();
  await id(page, "pick-folder").setInputFiles(join(root, "set"));
  await trained(page);
  assert.deepEqual(await counts(page), { left: 3, right: 3 });
  assert.equal(await id(page, "import-summary").count(), 0);
  await done(page);
  await rm(root, { recursive: true });
});

test("the site works in a sub-folder of its host", async () => {
  const inside = await start({ base: "/some/where/" });
  const page = await inside.page();
  await withClasses(page, [4, 4]);
  await trained(page);
  await done(page);
  await inside.close();
});

const CIFAR = "../shared/data/cifar10-few/images.zip";
test("1200 real photographs of ten classes, from images.zip", { skip: !existsSync(CIFAR) && `there is no ${CIFAR}` }, async () => {
  const page = await site.page();
  await id(page, "pick-zip").setInputFiles(CIFAR);
  await trained(page, 240_000);
  const sizes = await counts(page);
  assert.equal(Object.keys(sizes).length, 10);
  assert.deepEqual([...new Set(Object.values(sizes))], [120]);
  const accuracy = parseFloat(await id(page, "accuracy").textContent());
  assert.ok(accuracy > 30, `${accuracy} % on ten classes`);
  await done(page);
});
