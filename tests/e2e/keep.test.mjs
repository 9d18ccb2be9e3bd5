// Work that survives: reloads, crashes, full and damaged storage, two tabs, several projects, project files.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { inDatabase, quotaFaults, reloads, rename, restored, saved } from "./keep.mjs";
import { chunk, files, picture, png, pixels } from "./pictures.mjs";
import { counts, done, id, start, trained, withClasses } from "./support.mjs";
import { zip } from "./zips.mjs";

let site;
before(async () => { site = await start(); });
after(() => site.close());

// Another tab of the same visitor.
async function tab(page) {
  const other = await page.context().newPage();
  other.trouble = page.trouble;
  await other.goto(site.site.url);
  await other.getByTestId("learn").waitFor();
  await restored(other);
  return other;
}

test("a reload brings back pictures, labels and the head without looking at the pictures again", async () => {
  const page = await site.page();
  await withClasses(page, [4, 5]);
  await trained(page);
  await rename(page, 0, "Zebras");
  await saved(page);
  const accuracy = await id(page, "accuracy").textContent();
  await page.reload();
  await trained(page);
  assert.deepEqual(await counts(page), { Zebras: 4, Rings: 5 });
  assert.equal(await id(page, "accuracy").textContent(), accuracy);
  // Nothing was embedded in this visit, or the strip would know how long that takes.
  assert.doesNotMatch(await id(page, "strip-latency").textContent(), /ms/);
  assert.equal(await id(page, "keep-mended").count(), 0);
  // And it goes on: the next picture is learned from, and kept.
  await id(page, "class").first().getByTestId("class-add").setInputFiles(files(0, 1, 50));
  await page.waitForFunction(() => document.querySelector('[data-testid="class-count"]')?.textContent === "5");
  await trained(page);
  await saved(page);
  await page.reload();
  await trained(page);
  assert.deepEqual(await counts(page), { Zebras: 5, Rings: 5 });
  await done(page);
});

test("a tab that is closed without a word loses nothing older than two seconds", async () => {
  const page = await site.page();
  await withClasses(page, [2, 2]);
  await rename(page, 1, "Just now");
  await page.waitForTimeout(2000);
  const other = await page.context().newPage();
  other.trouble = page.trouble;
  await page.close({ runBeforeUnload: false });
  await other.goto(site.site.url);
  await restored(other);
  assert.deepEqual(await counts(other), { Stripes: 2, "Just now": 2 });
  await done(other);
});

test("the page asks before it is left only while something is unsaved", async () => {
  const page = await site.page();
  const asked = [];
  page.on("dialog", (dialog) => { asked.push(dialog.type()); dialog.accept(); });
  await withClasses(page, [2, 0]);
  await saved(page);
  await page.reload();
  assert.deepEqual(asked, []);
  await restored(page);
  await id(page, "class").first().getByTestId("class-add").setInputFiles(files(0, 1, 9));
  await page.waitForFunction(() => document.querySelector('[data-testid="class-count"]')?.textContent === "3");
  await page.evaluate(() => dispatchEvent(new Event("beforeunload", { cancelable: true })));
  const prevented = await page.evaluate(() => {
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
  });
  assert.equal(prevented, true);
  await saved(page);
  await done(page);
});

const RELOADS = Number(process.env.RELOADS ?? 10);
test(`${RELOADS} reloads in the middle of a save`, async () => {
  assert.equal(await reloads(site, RELOADS, { report: (turn, what) => console.log(turn, JSON.stringify(what)) }), RELOADS);
});

const QUOTA = Number(process.env.QUOTA ?? 6);
test(`${QUOTA} times there is no room`, async () => {
  assert.equal(await quotaFaults(site, QUOTA, { report: (turn, what) => console.log(turn, JSON.stringify(what)) }), QUOTA);
});

const put = (store, key, value) => [async (database, [store, key, value]) => {
  const transaction = database.transaction(store, "readwrite");
  const all = await new Promise((resolve) => {
    const keys = transaction.objectStore(store).getAllKeys();
    keys.onsuccess = () => resolve(keys.result);
  });
  const chosen = all.filter((k) => key == null || k.at(-1) === key);
  if (value === "delete") chosen.forEach((k) => transaction.objectStore(store).delete(k));
  else chosen.forEach((k) => transaction.objectStore(store).put(value, k));
  await new Promise((resolve) => { transaction.oncomplete = resolve; });
}, [store, key, value]];

const DAMAGE = [
  { name: "the last manifest is nonsense", blow: put("manifests", 0, { nonsense: true }), said: /saved just before/, left: { Stripes: 2, Rings: 2 } },
  { name: "both manifests are nonsense", blow: put("manifests", undefined, "nonsense"), said: /classes they came with.*4 pictures/, left: { Stripes: 2, Rings: 2 } },
  { name: "a picture is nonsense", blow: put("pictures", 0, 7), said: /1 picture could not be read.*3 pictures/, left: { Stripes: 1, Rings: 2 } },
  { name: "a picture has lost its file", blow: put("pictures", 1, { header: {}, blobs: [], floats: new Float32Array() }), said: /1 picture could not be read/, left: { Stripes: 1, Rings: 2 } },
  { name: "the embeddings are nonsense", blow: put("vectors", undefined, { header: 3 }), left: { Stripes: 2, Rings: 2 } },
  { name: "the list of projects is nonsense", blow: put("projects", undefined, null), left: { Stripes: 2, Rings: 2 } },
  { name: "all pictures are gone", blow: put("pictures", undefined, "delete"), said: /4 pictures could not be read/, left: { Stripes: 0, Rings: 0 } },
];

for (const { name, blow, said, left } of DAMAGE) {
  test(`damaged storage: ${name}`, async () => {
    const page = await site.page();
    await withClasses(page, [2, 2]);
    await trained(page);
    await saved(page);
    // A second state, so that there is one before the last.
    await rename(page, 0, "Stripe");
    await saved(page);
    await rename(page, 0, "Stripes");
    await page.waitForTimeout(700);
    await saved(page);
    await inDatabase(page, ...blow);
    await page.reload();
    await restored(page);
    if (said) assert.match(await id(page, "keep-mended").textContent(), said);
    else assert.equal(await id(page, "keep-mended").count(), 0);
    const now = await counts(page);
    // The state before the last had another name for the first class.
    assert.deepEqual(Object.values(now), Object.values(left));
    if (Object.values(left).every((n) => n > 0)) await trained(page);
    // The rest is kept from here on.
    await rename(page, 1, "Kept");
    await saved(page);
    await page.reload();
    await restored(page);
    assert.equal(Object.keys(await counts(page))[1], "Kept");
    assert.equal(await id(page, "keep-mended").count(), 0);
    await done(page);
  });
}

test("a database without its stores gets them; one of a newer page is left alone", async () => {
  const page = await site.page({
    init: () => {
      if (sessionStorage.made) return;
      sessionStorage.made = 1;
      const request = indexedDB.open("fieldtest", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("pictures");
      request.onsuccess = () => request.result.close();
    },
  });
  await withClasses(page, [1, 1]);
  await saved(page);
  await page.reload();
  await restored(page);
  assert.deepEqual(await counts(page), { Stripes: 1, Rings: 1 });
  await done(page);

  const newer = await site.page({
    init: () => { indexedDB.open("fieldtest", 5000).onsuccess = (event) => event.target.result.close(); },
  });
  await id(newer, "keep-trouble").waitFor();
  assert.match(await id(newer, "keep-trouble").textContent(), /newer version of this page.*left untouched/);
  await withClasses(newer, [2, 2]);
  await trained(newer);
  assert.match(await id(newer, "strip-saved").textContent(), /Not saved/);
  assert.equal(await newer.evaluate(() => indexedDB.databases().then((all) => all[0].version)), 5000);
  await done(newer);
});

const FORBIDDEN = [
  ["opening throws", () => { IDBFactory.prototype.open = () => { throw new DOMException("no", "SecurityError"); }; }],
  ["opening fails", () => {
    IDBFactory.prototype.open = () => {
      const request = new EventTarget();
      setTimeout(() => request.onerror?.(new Event("error")));
      Object.defineProperty(request, "error", { value: new DOMException("A mutation operation was attempted on a database that did not allow mutations.", "InvalidStateError") });
      return request;
    };
  }],
  ["there is none", () => { Object.defineProperty(window, "indexedDB", { value: undefined }); }],
];
for (const [name, init] of FORBIDDEN) {
  test(`a private window (${name}): works without, and says so`, async () => {
    const page = await site.page({ init });
    await id(page, "keep-trouble").waitFor();
    assert.match(await id(page, "strip-saved").textContent(), /Not saved/);
    await withClasses(page, [4, 4]);
    await trained(page);
    const [download] = await Promise.all([page.waitForEvent("download"), id(page, "keep-export").click()]);
    assert.match(download.suggestedFilename(), /\.fieldtest$/);
    await id(page, "keep-dismiss").click();
    assert.equal(await id(page, "keep-trouble").count(), 0);
    await done(page);
  });
}

test("two tabs: one writes, the other looks, and takes over", async () => {
  const first = await site.page();
  await withClasses(first, [3, 3]);
  await trained(first);
  await saved(first);
  const second = await tab(first);
  await id(second, "keep-reader").waitFor();
  assert.match(await id(second, "keep-reader").textContent(), /open in another tab/);
  assert.match(await id(second, "strip-saved").textContent(), /Read only/);
  await trained(second);
  assert.deepEqual(await counts(second), { Stripes: 3, Rings: 3 });
  // It can be tried, and not changed.
  await id(second, "add-class").click();
  assert.deepEqual(await counts(second), { Stripes: 3, Rings: 3 });
  await id(second, "class").first().getByTestId("class-add").setInputFiles(files(0, 1, 60));
  await second.waitForTimeout(500);
  assert.deepEqual(await counts(second), { Stripes: 3, Rings: 3 });

  // An edit of this moment is not lost when the other tab takes over.
  await rename(first, 0, "Last word");
  await id(second, "keep-take-over").click();
  await id(second, "keep-reader").waitFor({ state: "detached" });
  assert.deepEqual(await counts(second), { "Last word": 3, Rings: 3 });
  await id(first, "keep-reader").waitFor();
  assert.match(await id(first, "keep-reader").textContent(), /taken over/);
  await rename(second, 1, "Mine");
  await saved(second);
  await id(first, "add-class").click();
  assert.equal(Object.keys(await counts(first)).length, 2);

  // Back again, and what the second did is there.
  await id(first, "keep-take-over").click();
  await id(first, "keep-reader").waitFor({ state: "detached" });
  assert.deepEqual(await counts(first), { "Last word": 3, Mine: 3 });
  await rename(first, 0, "Again");
  await saved(first);
  // A tab that is gone has nothing to say any more.
  await second.close();
  await first.reload();
  await restored(first);
  assert.deepEqual(await counts(first), { Again: 3, Mine: 3 });
  assert.equal(await id(first, "keep-reader").count(), 0);
  await done(first);
});

test("several projects: new, renamed, opened, deleted and had back", async () => {
  const page = await site.page();
  const bench = (name) => id(page, `bench-${name}`).click();
  const titles = () => id(page, "project-title").allTextContents();
  await withClasses(page, [3, 3]);
  await trained(page);
  await saved(page);
  await bench("share");
  assert.deepEqual(await titles(), ["My project"]);
  assert.equal(await id(page, "project").first().locator("img").count(), 2);
  await id(page, "project-name").fill("Shapes");
  await id(page, "project-name").press("Enter");
  await page.waitForFunction(() => document.querySelector('[data-testid="project-title"]')?.textContent === "Shapes");

  await id(page, "project-new").click();
  await bench("learn");
  await id(page, "welcome").waitFor();
  await withClasses(page, [2, 0], ["Other", "Things"]);
  await saved(page);
  await bench("share");
  assert.deepEqual(await titles(), ["My project", "Shapes"]);

  await id(page, "project-open").nth(1).click();
  await bench("learn");
  await trained(page);
  assert.deepEqual(await counts(page), { Stripes: 3, Rings: 3 });
  await page.reload();
  await trained(page);
  assert.deepEqual(await counts(page), { Stripes: 3, Rings: 3 });

  await bench("share");
  await id(page, "project").filter({ hasText: "My project" }).getByTestId("project-delete").click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="project"]').length === 1);
  await id(page, "toast-action").click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="project"]').length === 2);
  // The one that is open can be deleted, too.
  await id(page, "project").filter({ hasText: "Shapes" }).getByTestId("project-delete").click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="project"]').length === 1);
  await bench("learn");
  await id(page, "welcome").waitFor();
  await done(page);
});

// Photographs of two kinds, with a secret in each.
const telling = (kind, i) => png({
  width: 96, height: 96, rows: pixels(96, 96, (x, y) => (kind ? [x * 2, (y * i) % 255, 40] : [30, (x ^ y) * 2, (i * 20) % 255])),
  before: [chunk("tEXt", Buffer.from("GPS\0SECRET-PLACE 52.5 N 13.4 E"))],
});

test("a project file: saved without places, opened as a project of its own", async () => {
  const page = await site.page();
  await withClasses(page, [0, 0], ["Left", "Right"]);
  for (const kind of [0, 1]) {
    const all = Array.from({ length: 4 }, (_, i) => ({ name: `${kind}-${i}.png`, mimeType: "image/png", buffer: telling(kind, i + 1) }));
    await id(page, "class").nth(kind).getByTestId("class-add").setInputFiles(all);
    await page.waitForFunction((k) => document.querySelectorAll('[data-testid="class-count"]')[k].textContent === "4", kind);
  }
  await trained(page);
  const accuracy = await id(page, "accuracy").textContent();
  await id(page, "bench-share").click();
  const [download] = await Promise.all([page.waitForEvent("download"), id(page, "project-save").click()]);
  assert.equal(download.suggestedFilename(), "My project.fieldtest");
  const file = await readFile(await download.path());
  assert.ok(telling(0, 1).includes("SECRET-PLACE") && !file.includes("SECRET-PLACE"), "the place is not in the file");
  assert.ok(file.includes("pictures/00001.png") && file.includes("project.json") && file.includes("head.json"));
  await done(page);

  const other = await site.page();
  await withClasses(other, [2, 2]);
  await saved(other);
  await id(other, "bench-share").click();
  await id(other, "project-file").setInputFiles({ name: "x.fieldtest", mimeType: "", buffer: file });
  await other.waitForFunction(() => document.querySelectorAll('[data-testid="class-name"]')[0]?.value === "Left", null, { timeout: 30_000 });
  await trained(other);
  assert.deepEqual(await counts(other), { Left: 4, Right: 4 });
  assert.equal(await id(other, "accuracy").textContent(), accuracy);
  await saved(other);
  // What was there before is a project in the list.
  await id(other, "bench-share").click();
  assert.equal(await id(other, "project").count(), 2);

  // Files that are none, or cut off, or from the future: explained, and nothing changes.
  const listing = (what) => zip([{ name: "project.json", data: JSON.stringify(what) }]);
  const bad = [
    [Buffer.from("not a zip"), /not a project file/],
    [file.subarray(0, file.length / 2), /not a project file of Fieldtest, or it is incomplete/],
    [zip([{ name: "a.txt", data: "x" }]), /not a project file/],
    [listing({ format: "fieldtest project", version: 9, pictures: "?" }), /newer Fieldtest.*version 9.*left as it is/],
    [listing({ format: "fieldtest project", version: 1 }), /damaged/],
    [zip([{ name: "project.json", data: "{}", size: 4_000_000_000 }]), /too large|damaged|not a project/],
    [zip([{ name: "project.json", data: "x" }], { count: 60_000 }), /60000 entries/],
  ];
  for (const [buffer, said] of bad) {
    await id(other, "project-file").setInputFiles({ name: "bad.fieldtest", mimeType: "", buffer });
    await other.waitForFunction(() => /not opened/.test(document.querySelector('[data-testid="project-state"]')?.textContent));
    assert.match(await id(other, "project-state").textContent(), said);
    assert.match(await id(other, "project-state").textContent(), /Your present project is as it was/);
    await id(other, "project-file").evaluate(() => {});
  }
  assert.equal(await id(other, "project").count(), 2);

  // One whose pictures are hostile: each is named, the rest is there.
  const picturesOf = (all) => zip([
    { name: "project.json", data: JSON.stringify({
      format: "fieldtest project", version: 1, app: "0", name: "Odd", backbone: "Supervised",
      classes: [{ name: "A", color: [1, 2, 3] }], pictures: all.map(([name], i) => ({ file: name, name: `p${i}`, class: 0 })),
    }) },
    ...all.filter(([, data]) => data).map(([name, data, more]) => ({ name, data, ...more })),
  ]);
  const odd = picturesOf([
    ["pictures/1.png", picture(0, 1)], ["../../etc/passwd", picture(0, 2)], ["pictures/3.png", "no picture"],
    ["pictures/4.png", null], ["pictures/5.png", picture(0, 5), { crc: 1 }],
  ]);
  await other.evaluate(async (base64) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], "odd.fieldtest"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, odd.toString("base64"));
  await other.waitForFunction(() => document.querySelectorAll('[data-testid="class-name"]')[0]?.value === "A", null, { timeout: 30_000 });
  assert.deepEqual(await counts(other), { A: 1 });
  assert.match(await id(other, "import-refused").textContent(), /p1.*outside the archive.*p2.*p3.*p4/);
  await done(other);
});
