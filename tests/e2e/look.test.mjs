// Every state of the page: accessible by axe's rules, nothing wider than the screen, in light
// and dark, on a desktop and on a phone. With SHOTS=folder, a picture of each.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { files } from "./pictures.mjs";
import { done, id, ready, settled, start, trained, withClasses } from "./support.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let site;
before(async () => {
  site = await start({ args: ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"] });
});
after(() => site.close());

// In light and in dark: the state is brought about once, and dark differs in its colours alone.
async function look(page, name) {
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.waitForTimeout(150);
    if (process.env.SHOTS) {
      const modal = await page.locator("dialog[open]").count();
      await page.screenshot({ path: `${process.env.SHOTS}/${page.view}-${scheme}-${name}.png`, fullPage: !modal });
    }
    const violations = await page.evaluate(async (rules) => {
      const result = await window.axe.run(document, { resultTypes: ["violations"], ...rules });
      return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join(" | ")}`);
    }, scheme === "dark" ? { runOnly: ["color-contrast"] } : {});
    page.flaws.push(...violations.map((v) => `${name}, ${scheme}: ${v}`));
  }
  // Not innerWidth: a phone zooms out until all of a page that is too wide is seen.
  const [wide, screen] = [await page.evaluate(() => document.documentElement.scrollWidth), page.viewportSize().width];
  if (wide > screen) page.flaws.push(`${name}: ${wide} pixels wide on a screen of ${screen}`);
}

/** Every question of the Shift bench, answered. */
async function shiftTabs(page) {
  const wait = (test, arg) => page.waitForFunction(test, arg, { timeout: 90_000 });
  await page.waitForFunction(() => !document.querySelector('[data-testid="shift-cancel"]'), null, { timeout: 60_000 });
  await id(page, "shots").locator("button").first().click();
  await id(page, "compare-field").locator("img").waitFor();
  await look(page, "compare");
  await page.keyboard.press("Escape");
  await id(page, "tab-cause").click();
  await id(page, "way-measure").click();
  await id(page, "way-cancel").waitFor({ state: "hidden", timeout: 90_000 });
  await id(page, "table-measure").click();
  await wait(() => document.querySelectorAll(".heat-cell").length && [...document.querySelectorAll(".heat-cell")].every((c) => c.textContent.includes("%")));
  await id(page, "table-cancel").click();
  await look(page, "shift-why");
  await id(page, "tab-notice").click();
  await id(page, "notice-test").click();
  await id(page, "unlike").waitFor({ timeout: 60_000 });
  await wait(() => /%/.test(document.querySelector('[data-testid="notice-table"] tbody tr td:nth-child(4)')?.textContent ?? ""));
  await id(page, "notice-cancel").click();
  await look(page, "shift-notice");
  await id(page, "tab-repair").click();
  await id(page, "mend-compare").click();
  await id(page, "mend-table").waitFor({ timeout: 120_000 });
  await look(page, "shift-repair");
  await id(page, "tab-year").click();
  await id(page, "year-play").click();
  await wait(() => Number(document.querySelector('[data-testid="year-week"]')?.max) >= 4);
  await id(page, "year-cancel").click();
  await look(page, "shift-year");
  await id(page, "source-degraded").click();
  await look(page, "shift-degraded");
  await id(page, "source-collected").click();
  await look(page, "shift-collected");
  await id(page, "source-world").click();
  await id(page, "tab-outcome").click();
  await id(page, "bench-shrink").click();
  await id(page, "shrink-go").click();
  await id(page, "tried").waitFor({ timeout: 90_000 });
  await id(page, "shrink-go").waitFor({ timeout: 90_000 });
  await id(page, "shrink-layers").locator("summary").first().click();
  await id(page, "inside").locator("summary").first().click();
  await id(page, "browse-all").click();
  await look(page, "shrink");
  await id(page, "browse-picture").first().click();
  await id(page, "duo-small").waitFor();
  await look(page, "shrink-duo");
  await page.keyboard.press("Escape");
}

/** The Share bench with everything open, and a link that asks first. */
async function share(page) {
  await id(page, "bench-share").click();
  await page.waitForFunction(() => document.querySelector('[data-testid="link-url"]')?.value && document.querySelector('[data-testid="code-own"]'));
  for (const summary of await id(page, "share-link").locator("summary").all()) await summary.click();
  const code = await id(page, "code-own").textContent();
  await id(page, "codes-in").fill(`Ann: ${code}\nBob: ${code}\nhello`);
  await id(page, "codes-chart").waitFor();
  await look(page, "share");
  const url = await id(page, "link-url").inputValue();
  await page.evaluate((url) => (location.hash = url.slice(url.indexOf("#"))), url);
  await id(page, "link-question").waitFor();
  await look(page, "link-question");
  await id(page, "link-decline").click();
  await page.evaluate(() => (location.hash = "share=AAAA"));
  await id(page, "link-trouble").waitFor();
  await look(page, "link-trouble");
  await id(page, "link-trouble-dismiss").click();
}

const views = {
  desktop: {},
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
};

for (const [view, options] of Object.entries(views)) {
  test(view, async () => {
    // The policy lets no foreign script in; axe comes by way of the browser itself.
    const page = await site.page({ ...options, reducedMotion: "reduce", init: axe, allowed: ["The engine stopped", "panicked", "unreachable"] });
    page.view = view;
    page.flaws = [];
    await look(page, "welcome");
    await ready(page);
    await id(page, "use-sample").click();
    await trained(page);
    await look(page, "road-signs");
    await id(page, "bench-shift").click();
    await page.waitForFunction(() => document.querySelector('[data-testid="shift-verdict"]')?.textContent);
    await look(page, "shift");
    await shiftTabs(page);
    await share(page);
    await id(page, "bench-learn").click();
    await page.keyboard.press("Control+z");
    await id(page, "welcome").waitFor();
    await withClasses(page, [14, 0]);
    await look(page, "one-class");
    await id(page, "class").nth(1).getByTestId("class-add").setInputFiles([...files(1, 12), ...files(0, 3, 300)]);
    await settled(page);
    await id(page, "add-class").click();
    await id(page, "class").nth(2).getByTestId("class-add").setInputFiles(files(2, 9));
    await settled(page);
    await trained(page);
    await id(page, "try-pick").setInputFiles(files(1, 1, 500));
    await page.waitForFunction(() => document.querySelector('[data-testid="verdict"]')?.textContent);
    await look(page, "trained");

    await id(page, "gallery").first().focus();
    await page.keyboard.press(" ");
    await page.keyboard.press("Shift+ArrowRight");
    await look(page, "selected");
    await id(page, "move-to").click();
    await look(page, "menu");
    await page.keyboard.press("Escape");
    await id(page, "clear-selection").click();

    await page.locator('[data-testid^="cell-"]').first().click();
    await look(page, "cell");
    await page.keyboard.press("Escape");

    await id(page, "class").first().getByTestId("class-camera").click();
    await page.waitForFunction(() => !document.querySelector('[data-testid="record"]').disabled);
    await look(page, "camera");
    await page.evaluate(() => document.querySelector("dialog[open] video").srcObject.getTracks()[0].dispatchEvent(new Event("ended")));
    await id(page, "camera-trouble").waitFor();
    await look(page, "camera-trouble");
    await page.keyboard.press("Escape");

    await id(page, "try-camera").click();
    await page.waitForFunction(() => /per second/.test(document.querySelector('[data-testid="live-rate"]')?.textContent ?? ""));
    await look(page, "live");
    await id(page, "try-picture").click();

    const bad = Array.from({ length: 5 }, (_, i) => ({ name: `holiday-${i}.heic`, mimeType: "image/heic", buffer: Buffer.from("\0\0\0\x18ftypheic\0\0\0\0heicmif1") }));
    await id(page, "class").first().getByTestId("class-add").setInputFiles([...files(0, 1, 800), ...bad]);
    await id(page, "import-summary").waitFor();
    await look(page, "refused");
    await id(page, "import-dismiss").click();

    await id(page, "class").first().getByTestId("class-menu").click();
    await page.getByRole("menuitem", { name: "Delete class" }).click();
    await look(page, "deleted");
    await id(page, "toast-action").click();

    await id(page, "class").first().getByTestId("class-add").setInputFiles(files(0, 120, 1000));
    await id(page, "import-progress").waitFor();
    await look(page, "importing");
    await id(page, "import-cancel").click();
    await trained(page);
    await id(page, "import-dismiss").click();

    // An engine that cannot come back: every new worker fails.
    await page.route(/\/engine(-relaxed)?\.js$/, (route) => route.abort());
    await page.workers()[0].evaluate(() => { setTimeout(() => self.trap()); });
    await look(page, "restarting");
    await id(page, "engine-failed").waitFor({ timeout: 20_000 });
    await look(page, "failed");
    assert.deepEqual(page.flaws, []);
    page.trouble.length = 0; // The failures were ours.
    await done(page);
  });
}
