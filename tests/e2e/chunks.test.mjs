// The page in files: what a first visit does not look at comes after what it waits for, or when somebody opens it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { done, id, ready, start, trained } from "./support.mjs";

let site;
before(async () => {
  site = await start();
});
after(() => site.close());

const CHUNK = /\/app-[0-9a-f]+-(learn|benches|chunk_\d+)\.wasm$/;
const BACKBONE = "**/models/backbone-supervised.packed";

// A page whose backbone comes when `release` is called, and the names of the chunks it has asked for.
async function waiting() {
  const context = await site.browser.newContext({ serviceWorkers: "block" });
  const asked = [];
  context.on("request", (request) => CHUNK.test(new URL(request.url()).pathname) && asked.push(request.url()));
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await context.route(BACKBONE, async (route) => {
    await held;
    await route.continue();
  });
  return { context, asked, release };
}

test("chunks come after engine and backbone, without being asked for, and each once", async () => {
  const { context, asked, release } = await waiting();
  const page = await site.page({ context });
  await id(page, "welcome").waitFor();
  await page.waitForTimeout(1500);
  assert.deepEqual(asked, [], "while the backbone is on its way");
  release();
  await ready(page);
  await id(page, "shrink").waitFor({ state: "attached" });
  await id(page, "bench-shrink").click();
  await id(page, "shrink").waitFor();
  await id(page, "bench-learn").click();
  await id(page, "use-sample").click();
  await trained(page);
  assert.ok(asked.length >= 2, `${asked.length} chunks`);
  assert.equal(new Set(asked).size, asked.length, "each once");
  await done(page);
});

test("a bench that is opened before the engine is there is fetched at once, with a word until it is here", async () => {
  const { context, asked, release } = await waiting();
  let go;
  const slow = new Promise((resolve) => (go = resolve));
  await context.route(CHUNK, async (route) => {
    await slow;
    await route.continue();
  });
  const page = await site.page({ context });
  await id(page, "bench-shift").click();
  await page.getByTestId("chunk-loading").filter({ visible: true }).waitFor();
  assert.equal(await page.getByTestId("chunk-loading").filter({ visible: true }).textContent(), "Loading this part of the page…");
  go();
  await id(page, "shift").waitFor();
  assert.ok(asked.length > 0);
  assert.ok(!(await id(page, "strip-backbone").textContent()).includes("Ready"), "the backbone is still on its way");
  release();
  await ready(page);
  await done(page);
});

test("a chunk that cannot be fetched: the rest works, it says so, and comes when tried again", async () => {
  const context = await site.browser.newContext({ serviceWorkers: "block" });
  let broken = true;
  await context.route(/-benches\.wasm$/, (route) => (broken ? route.abort() : route.continue()));
  const page = await site.page({ context, allowed: ["Failed to fetch", "ERR_FAILED"] });
  await ready(page);
  await id(page, "use-sample").click();
  await trained(page);
  await id(page, "bench-shift").click();
  const failed = page.getByTestId("chunk-failed").filter({ visible: true });
  await failed.waitFor();
  assert.match(await failed.textContent(), /This part of the page could not be loaded/);
  await failed.getByTestId("chunk-retry").click();
  await failed.waitFor();
  broken = false;
  await failed.getByTestId("chunk-retry").click();
  await id(page, "shift-country").waitFor();
  await failed.waitFor({ state: "hidden" });
  // Another that failed is asked for again when it is opened.
  await id(page, "bench-shrink").click();
  await id(page, "shrink").waitFor();
  await done(page);
});

test("the reader of any model comes with the first request that needs it, and a request says so where it cannot", async () => {
  const context = await site.browser.newContext({ serviceWorkers: "block" });
  const asked = [];
  let broken = true;
  await context.route(/engine(-relaxed)?-reader\.wasm/, (route) => {
    asked.push(route.request().url());
    return broken ? route.abort() : route.continue();
  });
  const page = await site.page({ context, allowed: ["Failed to fetch", "ERR_FAILED"] });
  await ready(page);
  await id(page, "use-sample").click();
  await trained(page);
  assert.deepEqual(asked, [], "Learn does without it");
  await id(page, "bench-shrink").click();
  await id(page, "shrink-go").click();
  await id(page, "shrink-trouble").waitFor();
  assert.equal(await id(page, "shrink-trouble").textContent(), "A part of the engine could not be loaded. Check your connection and try again.");
  broken = false;
  await id(page, "shrink-go").click();
  await id(page, "shrink-verdict").waitFor({ timeout: 90_000 });
  assert.ok(asked.length >= 2);
  await done(page);
});
