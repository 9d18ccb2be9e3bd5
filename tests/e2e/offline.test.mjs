// Without a network: after one visit everything works; a new version waits until it is wanted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../../scripts/serve.mjs";
import { done, id, ready, start, trained } from "./support.mjs";
import { deployed, stored, upgrades } from "./upgrades.mjs";

test("after one visit the site works without its server, in a folder too", async () => {
  for (const base of ["/", "/some/folder/"]) {
    const site = await start({ base });
    const page = await site.page({ serviceWorkers: "allow", allowed: ["ERR_CONNECTION_REFUSED", "Failed to fetch"] });
    await ready(page);
    await stored(page);
    await site.site.close();
    await page.reload();
    await ready(page);
    await id(page, "use-sample").click();
    await trained(page);
    const second = await site.page({ context: page.context() });
    await ready(second);
    await done(page);
    await site.browser.close();
  }
});

test("a visit that is broken off, or a file of another build, stores nothing half", async () => {
  const { dir, deploy, remove } = await deployed();
  const site = await start({ dir });
  const page = await site.page({ serviceWorkers: "allow", allowed: ["404", "ServiceWorker", "is of another build"] });
  await ready(page);
  await stored(page);
  // The list names files that the host does not serve yet: the new version does not come, the old one stays.
  const { rename } = await import("node:fs/promises");
  await deploy(1);
  await rename(`${dir}/boot.js`, `${dir}/boot.gone`);
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update().catch(() => {}));
  await page.waitForFunction(async () => !(await navigator.serviceWorker.getRegistration()).installing);
  assert.equal(await id(page, "update").count(), 0);
  await page.reload();
  await ready(page);
  // Once the deploy is complete it does.
  await rename(`${dir}/boot.gone`, `${dir}/boot.js`);
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await id(page, "update").waitFor({ timeout: 60_000 });
  await id(page, "update-later").click();
  assert.equal(await id(page, "update").count(), 0);
  await done(page);
  await site.close();
  await remove();
});

test("a window that keeps no sites says so and works", async () => {
  const site = await start();
  for (const init of [() => delete Navigator.prototype.serviceWorker, () => { ServiceWorkerContainer.prototype.register = () => Promise.reject(new DOMException("", "SecurityError")); }]) {
    const page = await site.page({ serviceWorkers: "allow", init });
    await ready(page);
    await page.waitForFunction(() => document.querySelector('[data-testid="offline-state"]')?.textContent.includes("keeps no sites"));
    await id(page, "use-sample").click();
    await trained(page);
    await done(page);
  }
  await site.close();
});

test("upgrades with an old tab open", { timeout: 600_000 }, async () => {
  const count = Number(process.env.UPGRADES ?? 2);
  assert.deepEqual(await upgrades(count), { ok: count, caches: 2 });
});

test("the site can be installed", async () => {
  const site = await serve({ dir: process.env.DIST ?? "dist", port: 8650 });
  const manifest = await (await fetch(`${site.url}manifest.webmanifest`)).json();
  assert.equal(manifest.display, "standalone");
  for (const icon of manifest.icons) {
    const answer = await fetch(new URL(icon.src, site.url));
    assert.equal(answer.headers.get("content-type"), icon.type);
    if (icon.type === "image/png") {
      const bytes = Buffer.from(await answer.arrayBuffer());
      assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, icon.sizes);
    }
  }
  await site.close();
});
