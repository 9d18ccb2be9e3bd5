// Measures the Shift bench in headless Chromium, through the page, and prints figures. Needs dist/.
//
//   shift.images_per_s    pictures corrupted, embedded and scored a second, one engine
//   shift.worker_scaling  how many times as many with two engines, medians of interleaved runs
//   shift.year_s          a year of 52 x 60 pictures under three policies, with retraining
//   scene.images_per_s    rendered photographs, drawn, embedded and shown a second, of the first visit's 120
//   scene.most_shown_s    until 2,000 rendered photographs are shown, by every core
//   scene.most_seen_s     until the backbone has seen them too

import { done, id, ready, start, trained } from "../../tests/e2e/support.mjs";

const RUNS = 3;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const site = await start();
const page = await site.page();
await ready(page);
const there = (page, n) => page.waitForFunction((n) => document.querySelector('[data-testid="strip-data"]')?.textContent.replace(/\D/g, "").startsWith(n), String(n), { polling: 20, timeout: 120_000 });
const began = Date.now();
await id(page, "use-sample").click();
await there(page, 120);
console.log(`scene.images_per_s ${(120e3 / (Date.now() - began)).toFixed(0)} pictures/s`);
await trained(page);
await id(page, "bench-shift").click();
await id(page, "source-degraded").click();
await id(page, "tab-cause").click();

// Six places of 120 pictures each, with one engine and with two in turn.
const speeds = { 1: [], 2: [] };
for (let run = 0; run < RUNS; run++) {
  for (const engines of [1, 2]) {
    await id(page, "way-workers").selectOption(String(engines));
    await id(page, "way-measure").click();
    await page.waitForFunction((n) => document.querySelector('[data-testid="way-speed"]')?.textContent.includes(`with ${n} engine`), engines, { timeout: 120_000 });
    speeds[engines].push(parseFloat(await id(page, "way-speed").textContent()));
  }
}
console.log(`shift.images_per_s ${median(speeds[1]).toFixed(0)} pictures/s`);
console.log(`shift.worker_scaling ${median(speeds[1].map((one, run) => speeds[2][run] / one)).toFixed(2)} ratio`);

await id(page, "tab-year").click();
await id(page, "year-play").click();
await page.waitForFunction(() => /Played in/.test(document.querySelector('[data-testid="year-seconds"]')?.textContent ?? ""), null, { timeout: 300_000 });
console.log(`shift.year_s ${/(\d+)/.exec(await id(page, "year-seconds").textContent())[1]} s`);
await done(page);

const large = await site.page();
await ready(large);
await id(large, "sample-count").selectOption("2000");
const started = Date.now();
await id(large, "use-sample").click();
await there(large, 2000);
console.log(`scene.most_shown_s ${((Date.now() - started) / 1e3).toFixed(1)} s`);
await id(large, "backbone-progress").waitFor();
await id(large, "backbone-progress").waitFor({ state: "detached", timeout: 120_000 });
console.log(`scene.most_seen_s ${((Date.now() - started) / 1e3).toFixed(1)} s`);
await done(large);
await site.close();
