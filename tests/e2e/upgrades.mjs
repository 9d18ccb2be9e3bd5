// A site that is deployed again and again, in a folder of its own, and upgrades with old tabs open.

import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeWorker } from "../../scripts/offline.mjs";
import { id, ready, start } from "./support.mjs";

// A copy of dist/, with `deploy(n)` to make it version n: page and engine differ from the last one's.
export async function deployed() {
  const dir = await mkdtemp(join(tmpdir(), "fieldtest-site-"));
  await cp(process.env.DIST ?? "dist", dir, { recursive: true });
  const index = await readFile(join(dir, "index.html"), "utf8");
  const deploy = async (version) => {
    await writeFile(join(dir, "index.html"), index.replace("<title>", `<meta name="version" content="${version}"><title>`));
    const files = (await readdir(dir)).filter((file) => /^engine(-worker|-relaxed)?\.js$/.test(file));
    for (const file of files) await appendFile(join(dir, file), `\n// version ${version}\n`);
    return writeWorker(dir);
  };
  await deploy(0);
  return { dir, deploy, remove: () => rm(dir, { recursive: true, force: true }) };
}

export const stored = (page) =>
  page.waitForFunction(() => document.querySelector('[data-testid="offline-state"]')?.textContent.includes("is on this device"), null, { timeout: 60_000 });

export const version = (page) => page.evaluate(() => document.querySelector("meta[name=version]").content);

// What this tab is served as the engine's worker: the last version written into it.
export const served = (page) =>
  page.evaluate(async () => (await (await fetch("engine-worker.js")).text()).trim().match(/version (\d+)$/)[1]);

// The same of the engine that it runs, asked from inside the worker.
const inside = (page) =>
  page.workers().at(-1).evaluate(async () => {
    const engine = performance.getEntriesByType("resource").map((e) => e.name).find((name) => /engine(-relaxed)?\.js$/.test(name));
    return (await (await fetch(engine)).text()).trim().match(/version (\d+)$/)[1];
  });

// Upgrades one tab `count` times while an old tab stays open; how many went well.
export async function upgrades(count) {
  const { dir, deploy, remove } = await deployed();
  const site = await start({ dir });
  try {
    const old = await site.page({ serviceWorkers: "allow" });
    await ready(old);
    await stored(old);
    const context = old.context();
    let tab = await site.page({ context });
    await ready(tab);
    let ok = 0;
    for (let next = 1; next <= count; next += 1) {
      await deploy(next);
      await tab.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
      await id(tab, "update").waitFor({ timeout: 60_000 });
      // Nothing has changed for anybody yet, not even for a tab opened now.
      const between = await site.page({ context });
      const unasked = (await version(between)) === String(next - 1);
      await between.close();
      await Promise.all([tab.waitForEvent("load"), id(tab, "update-now").click()]);
      await ready(tab);
      const good = [unasked, (await version(tab)) === String(next), (await served(tab)) === String(next), (await served(old)) === "0"];
      if (good.every(Boolean) && old.trouble.length + tab.trouble.length === 0) ok += 1;
      else console.error(`upgrade ${next}: ${good} ${[...old.trouble, ...tab.trouble]}`);
    }
    // The old tab works to the end: its engine crashes, and is started anew from the old tab's own files.
    await old.workers()[0].evaluate(() => setTimeout(() => self.trap(), 0));
    await old.waitForFunction(() => document.querySelector('[data-testid="engine-restarting"]'));
    await ready(old);
    if ((await inside(old)) !== "0" || (await inside(tab)) !== String(count)) throw new Error("a worker was served another build");
    await id(old, "use-sample").click();
    await old.waitForFunction(() => document.querySelector('[data-testid="strip-head"]')?.textContent.includes("Trained"), null, { timeout: 60_000 });
    // Builds nobody has open are forgotten on the next visit; left are the old tab's and the present one's.
    await tab.reload();
    await ready(tab);
    await tab.waitForTimeout(500);
    const caches = await tab.evaluate(async () => (await caches.keys()).filter((name) => name.includes(" build ")).length);
    return { ok, caches };
  } finally {
    await site.close();
    await remove();
  }
}
