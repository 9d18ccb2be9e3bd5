// One browser and one site for a test file; pages that fail the test on anything a visitor's
// console would show, on a breach of the Content-Security-Policy and on a request elsewhere.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { serve } from "../../scripts/serve.mjs";
import { files } from "./pictures.mjs";

const QUIET = [
  "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--disable-gpu", "--no-sandbox",
];

// Only the tests of the service worker have one: it would download the site again beside every other test.
const BLOCKED = "Service Worker registration blocked by Playwright";

export async function start({ base = "/", args = [], dir = process.env.DIST ?? "dist" } = {}) {
  const site = await serve({ dir, port: 8600, base });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: [...QUIET, ...args],
  });
  return {
    site,
    browser,
    // `allowed`: console messages that the test brings about on purpose.
    async page(options = {}) {
      const { allowed = [], init, hash = "", context: shared, ...rest } = options;
      const fresh = { viewport: { width: 1280, height: 900 }, acceptDownloads: true, serviceWorkers: "block", ...rest };
      const context = shared ?? (await browser.newContext(fresh));
      const page = await context.newPage();
      const trouble = [];
      page.on("console", (message) => {
        const text = message.text();
        if (["error", "warning"].includes(message.type()) && ![BLOCKED, ...allowed].some((a) => text.includes(a))) trouble.push(text);
      });
      page.on("pageerror", (error) => trouble.push(String(error)));
      page.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(site.url) && !/^(blob|data):/.test(url)) trouble.push(`request to ${url}`);
      });
      await page.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
      });
      if (init) await page.addInitScript(init);
      page.trouble = trouble;
      await page.goto(site.url + hash);
      await page.getByTestId("learn").waitFor();
      return page;
    },
    async close() {
      await browser.close();
      await site.close();
    },
  };
}

// Ends a page, and fails if anything went wrong on it.
export async function done(page) {
  const trouble = page.trouble;
  await page.context().close();
  assert.deepEqual(trouble, []);
}

export const id = (page, name) => page.getByTestId(name);

export async function ready(page, timeout = 30_000) {
  await page.waitForFunction(() => document.querySelector('[data-testid="strip-backbone"]')?.textContent.includes("Ready"), null, { timeout });
}

// The head has been trained on exactly what is there.
export async function trained(page, timeout = 60_000) {
  await page.waitForFunction(
    () =>
      document.querySelector('[data-testid="strip-head"]')?.textContent.includes("Trained") &&
      document.querySelector('[data-testid="results"]')?.getAttribute("aria-busy") === "false" &&
      !document.querySelector('[data-testid="import-progress"]'),
    null,
    { timeout },
  );
}

// No import is going on.
export async function settled(page, timeout = 60_000) {
  await page.waitForFunction(() => !document.querySelector('[data-testid="import-progress"]'), null, { timeout });
}

// What is looked at has come: no part of the page is still being fetched.
export const here = (page) => page.waitForFunction(() => !document.querySelector('[data-testid="chunk-loading"]'));

export async function counts(page) {
  await here(page);
  const all = id(page, "class");
  const names = await all.getByTestId("class-name").evaluateAll((inputs) => inputs.map((i) => i.value));
  const numbers = await all.getByTestId("class-count").allTextContents();
  return Object.fromEntries(names.map((name, i) => [name, Number(numbers[i])]));
}

// Classes with pictures, by way of the file picker.
export async function withClasses(page, sizes, names = ["Stripes", "Rings", "Checks", "Slopes"]) {
  for (const [kind, size] of sizes.entries()) {
    if (kind === 0 && (await id(page, "start-class").isVisible())) await id(page, "start-class").click();
    if (kind > 1) await id(page, "add-class").click();
    const card = id(page, "class").nth(kind);
    await card.getByTestId("class-name").fill(names[kind]);
    await card.getByTestId("class-name").press("Enter");
    if (size > 0) await card.getByTestId("class-add").setInputFiles(files(kind, size));
    await page.waitForFunction(
      ([kind, size]) => document.querySelectorAll('[data-testid="class-count"]')[kind]?.textContent === String(size),
      [kind, size],
      { timeout: 60_000 },
    );
  }
}
