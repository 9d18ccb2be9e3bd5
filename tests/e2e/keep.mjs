// Faults of the browser's storage, brought about on purpose, and what the page makes of them.

import { counts, id } from "./support.mjs";
import { files } from "./pictures.mjs";

export const saved = (page, timeout = 20_000) =>
  page.waitForFunction(() => document.querySelector('[data-testid="strip-saved"]')?.textContent.startsWith("Saved"), null, { timeout });

// What was kept is back, or there was nothing.
export const restored = (page, timeout = 20_000) =>
  page.waitForFunction(() => {
    const said = document.querySelector('[data-testid="strip-saved"]')?.textContent;
    return said && !said.startsWith("Opening") && !document.querySelector('[data-testid="chunk-loading"]');
  }, null, { timeout });

export async function rename(page, at, name) {
  const field = id(page, "class").nth(at).getByTestId("class-name");
  await field.fill(name);
  await field.press("Enter");
}

// Runs inside the page: a look into, or a blow at, the database. As text, because the page's policy forbids
// it to make code of strings itself.
export const inDatabase = (page, work, argument) =>
  page.evaluate(`(async () => {
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open("fieldtest");
      request.onerror = () => reject(request.error);
      request.onsuccess = () => resolve(request.result);
    });
    const result = await (${work})(database, ${JSON.stringify(argument)});
    database.close();
    return result;
  })()`);

// Reloads again and again in the middle of a save. After each, the page must show a whole state: what it
// showed before the last edits, or what it showed after them, and never anything else. Returns how many did.
export async function reloads(site, times, { pictures = true, report = () => {} } = {}) {
  const page = await site.page();
  await id(page, "start-class").click();
  await rename(page, 0, "n 0");
  await saved(page);
  let good = 0;
  let shown = { name: "n 0", first: 0, second: 0 };
  for (let turn = 1; turn <= times; turn++) {
    const wanted = { ...shown };
    await rename(page, 0, `n ${turn}`);
    wanted.name = `n ${turn}`;
    if (pictures && turn % 5 === 1) {
      await id(page, "class").first().getByTestId("class-add").setInputFiles(files(0, 2, turn * 10));
      wanted.first += 2;
    }
    // Saving begins 300 ms after an edit and takes some tens.
    await page.waitForTimeout(turn % 4 === 0 ? Math.random() * 600 : 270 + Math.random() * 120);
    await page.reload();
    await restored(page);
    const mended = await id(page, "keep-mended").count();
    const now = await counts(page);
    const [name] = Object.keys(now);
    const first = now[name];
    const whole = (name === shown.name || name === wanted.name) && first >= shown.first && first <= wanted.first;
    const drawn = await thumbnails(page, first);
    if (whole && drawn && mended === 0 && Object.keys(now).length === 2) good += 1;
    else report(turn, { shown, wanted, now, mended, drawn });
    shown = { ...shown, name, first };
  }
  await page.context().close();
  return good;
}

// Every picture on the screen can be drawn.
async function thumbnails(page, count) {
  if (count === 0) return true;
  return page
    .waitForFunction(() => {
      const all = [...document.querySelectorAll('[data-testid="picture"] img')];
      return all.length > 0 && all.every((img) => img.complete && img.naturalWidth > 0);
    }, null, { timeout: 5000 })
    .then(() => true, () => false);
}

// There is no room, then there is. Returns how often the page said so, kept everything on screen, and saved
// it once there was room.
export async function quotaFaults(site, times, { report = () => {} } = {}) {
  const page = await site.page({
    init: () => {
      const put = IDBObjectStore.prototype.put;
      window.room = Infinity;
      IDBObjectStore.prototype.put = function (...all) {
        if (window.room-- <= 0) throw new DOMException("No room.", "QuotaExceededError");
        return put.apply(this, all);
      };
    },
  });
  await id(page, "start-class").click();
  await id(page, "class").first().getByTestId("class-add").setInputFiles(files(0, 3));
  await page.waitForFunction(() => document.querySelector('[data-testid="class-count"]')?.textContent === "3");
  await saved(page);
  let good = 0;
  for (let turn = 1; turn <= times; turn++) {
    // The first, second, third... record of the save is the one that finds no room.
    await page.evaluate((room) => { window.room = room; }, turn % 3);
    await rename(page, 0, `full ${turn}`);
    const told = await id(page, "keep-trouble").waitFor({ timeout: 10_000 }).then(() => true, () => false);
    const offered = told && (await id(page, "keep-export").isVisible());
    const shown = Object.keys(await counts(page))[0] === `full ${turn}`;
    await page.evaluate(() => { window.room = Infinity; });
    await id(page, "keep-retry").click();
    await saved(page);
    const kept = await inDatabase(page, (database, name) => new Promise((resolve) => {
      const all = database.transaction("manifests").objectStore("manifests").getAll();
      all.onsuccess = () => resolve(all.result.some((m) => m.header.classes[0].name === name));
    }), `full ${turn}`);
    if (told && offered && shown && kept) good += 1;
    else report(turn, { told, offered, shown, kept });
  }
  // And it is still there for the next visit.
  await page.reload();
  await restored(page);
  const last = Object.entries(await counts(page))[0];
  await page.context().close();
  const still = last?.[0] === `full ${times}` && last[1] === 3;
  if (!still) report("after a reload", last);
  return still ? good : 0;
}
