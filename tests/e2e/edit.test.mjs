// Putting the data right: confusion cells, rename, colours, delete and undo, moving by keyboard.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { files } from "./pictures.mjs";
import { counts, done, id, settled, start, trained, withClasses } from "./support.mjs";

let site;
before(async () => { site = await start(); });
after(() => site.close());

test("a cell of the confusion matrix opens its pictures, and one is moved where it belongs", async () => {
  const page = await site.page();
  await withClasses(page, [12, 12]);
  // Three stripes are put among the rings by mistake.
  await id(page, "class").nth(1).getByTestId("class-add").setInputFiles(files(0, 3, 300));
  await settled(page);
  await trained(page);
  const cell = id(page, "cell-1-0");
  const wrong = Number(await cell.textContent());
  assert.ok(wrong >= 1, "the strays are noticed");
  await cell.focus();
  await page.keyboard.press("Enter");
  const dialog = id(page, "cell-dialog");
  await dialog.waitFor();
  assert.match(await dialog.locator("h2").textContent(), /“Rings” taken for “Stripes”/);
  const shown = dialog.getByTestId("cell-picture");
  assert.equal(await shown.count(), wrong);
  assert.match(await shown.first().textContent(), /%\s*sure|none of these/);
  await shown.first().getByTestId("cell-move").click();
  await page.getByRole("menuitem", { name: "Stripes" }).click();
  await page.waitForFunction(() => document.querySelector('[data-testid="cell-picture"]')?.textContent.includes("moved to Stripes"));
  // The dialog covers the page, so it shows the page's messages itself, and they can be answered.
  await dialog.getByTestId("toast-action").click();
  await page.waitForFunction(() => !document.querySelector('[data-testid="cell-picture"]').textContent.includes("moved to"));
  await shown.first().getByTestId("cell-move").click();
  await page.getByRole("menuitem", { name: "Stripes" }).click();
  await page.waitForFunction(() => document.querySelector('[data-testid="cell-picture"]')?.textContent.includes("moved to Stripes"));
  await page.keyboard.press("Escape");
  assert.equal(await id(page, "toasts").count(), 1, "the page shows them again");
  await trained(page);
  assert.deepEqual(await counts(page), { Stripes: 13, Rings: 14 });
  await done(page);
});

test("rename, recolour, delete and undo", async () => {
  const page = await site.page();
  await withClasses(page, [3, 4]);
  const name = id(page, "class").nth(0).getByTestId("class-name");
  await name.fill("Zebra");
  await name.press("Enter");
  assert.equal(await name.inputValue(), "Zebra");

  // A name that is taken is refused and says so; nothing changes.
  await name.fill("Rings");
  await name.press("Enter");
  assert.match(await id(page, "class").nth(0).locator('[role="alert"]').textContent(), /already has this name.*Zebra/);
  assert.equal(await name.inputValue(), "Zebra");

  const color = id(page, "class").nth(0).getByTestId("class-color");
  const { width, height } = await color.boundingBox();
  assert.ok(width >= 24 && height >= 24, `${width} by ${height} is too small to see or to tap`);
  await color.evaluate((input) => {
    input.value = "#112233";
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await page.waitForFunction(() => getComputedStyle(document.querySelector('[data-testid="class"]')).getPropertyValue("--class-color") === "#112233");

  await id(page, "class").nth(0).getByTestId("class-menu").click();
  await page.getByRole("menuitem", { name: "Delete class" }).click();
  assert.deepEqual(await counts(page), { Rings: 4 });
  assert.match(await id(page, "toasts").textContent(), /Deleted Zebra\./);
  await id(page, "toast-action").click();
  assert.deepEqual(await counts(page), { Zebra: 3, Rings: 4 });
  assert.equal(await color.inputValue(), "#112233");

  // The same with the keyboard and the buttons, all the way back and forth.
  await page.keyboard.press("Control+Shift+Z");
  assert.deepEqual(await counts(page), { Rings: 4 });
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  assert.notEqual(await color.inputValue(), "#112233");
  assert.equal(await name.inputValue(), "Zebra");
  await id(page, "undo").click();
  assert.equal(await name.inputValue(), "Stripes");
  await id(page, "redo").click();
  assert.equal(await name.inputValue(), "Zebra");
  await trained(page);
  await done(page);
});

test("pictures are selected, moved and deleted with the keyboard alone", async () => {
  const page = await site.page();
  await withClasses(page, [6, 4]);
  await id(page, "gallery").first().focus();
  await page.keyboard.press(" ");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  assert.match(await id(page, "selection-bar").textContent(), /3 pictures selected/);
  await page.keyboard.press("m");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "move-to");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.getAttribute("role") === "menuitem");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.deepEqual(await counts(page), { Stripes: 3, Rings: 7 });
  assert.equal(await id(page, "selection-bar").count(), 0);
  await page.keyboard.press("Control+z");
  assert.deepEqual(await counts(page), { Stripes: 6, Rings: 4 });

  await id(page, "gallery").nth(1).focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Delete");
  assert.deepEqual(await counts(page), { Stripes: 6, Rings: 3 });
  await page.keyboard.press("Control+a");
  assert.match(await id(page, "selection-bar").textContent(), /3 pictures selected/);
  await page.keyboard.press("Escape");
  assert.equal(await id(page, "selection-bar").count(), 0);

  // Enter tries the picture under the cursor.
  await trained(page);
  await id(page, "gallery").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector('[data-testid="verdict"]')?.textContent);
  await done(page);
});

test("pictures are dragged to another class", async () => {
  const page = await site.page();
  await withClasses(page, [3, 3]);
  const first = id(page, "class").nth(0).getByTestId("picture").first();
  await first.dragTo(id(page, "class").nth(1));
  await page.waitForFunction(() => document.querySelector('[data-testid="class-count"]')?.textContent === "2");
  assert.deepEqual(await counts(page), { Stripes: 2, Rings: 4 });
  await done(page);
});

test("class names are text, whatever they contain", async () => {
  const page = await site.page();
  const names = ["<img src=x onerror=alert(1)>", "evil\u202egnp.exe", "x".repeat(300), "\u{1f98a} حصان", "Constructor __proto__"];
  await id(page, "start-class").click();
  for (const name of names) {
    await id(page, "new-class-name").evaluate((input, value) => { input.value = value; }, name);
    await id(page, "add-class").click();
  }
  const shown = Object.keys(await counts(page)).slice(2);
  assert.deepEqual(shown, ["<img src=x onerror=alert(1)>", "evilgnp.exe", "x".repeat(60), "\u{1f98a} حصان", "Constructor __proto__"]);
  assert.equal(await page.locator('img[src="x"]').count(), 0);
  await id(page, "new-class-name").fill("evilgnp.exe");
  await id(page, "add-class").click();
  assert.match(await id(page, "class-trouble").textContent(), /already has this name/);
  await done(page);
});

test("the theme goes round and is remembered", async () => {
  const page = await site.page({ colorScheme: "light" });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await id(page, "theme").click();
  assert.equal(await background(), light, "auto on a light device, then light");
  await id(page, "theme").click();
  const dark = await background();
  assert.notEqual(dark, light);
  await page.reload();
  await id(page, "learn").waitFor();
  assert.equal(await background(), dark);
  await id(page, "theme").click();
  assert.equal(await background(), light);
  await done(page);
});
