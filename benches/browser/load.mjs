// Measures how soon a visitor can predict, and how much memory the engine takes. Needs dist/ (make dist, not QUICK).
//
//   load.cold_ms     from navigation to a ready engine: nothing cached, 10 Mbit/s, the processor four times slower
//   load.cold_all_ms the same until every bench is there as well
//   load.warm_ms     the same from a warm cache without brakes, median of five visits
//   engine.peak_mb   the engine's memory after IMAGES (3,000) pictures were embedded; wasm memory never shrinks
//   engine.growth_mb what it grew by after the first 1,000 of them

import { ready, start } from "../../tests/e2e/support.mjs";

const IMAGES = Number(process.env.IMAGES ?? 3000);
const site = await start();
const since = async (page) => {
  const handle = await page.waitForFunction(
    () => document.querySelector('[data-testid="strip-backbone"]')?.textContent.includes("Ready") && performance.now(), null, { timeout: 120_000 });
  return handle.jsonValue();
};

const cold = await site.browser.newContext({ serviceWorkers: "block" });
let page = await cold.newPage();
const brakes = await cold.newCDPSession(page);
await brakes.send("Network.enable");
await brakes.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 });
await brakes.send("Emulation.setCPUThrottlingRate", { rate: 4 });
await page.goto(site.site.url);
console.log(`load.cold_ms ${(await since(page)).toFixed(0)} ms`);
const chunks = await page.waitForFunction(() => {
  const ends = performance.getEntriesByType("resource").filter((r) => /-(learn|benches|chunk_\d+)\.wasm$/.test(r.name) && r.responseEnd > 0).map((r) => r.responseEnd);
  return document.querySelector('[data-testid="shift"]') && document.querySelector('[data-testid="shrink"]') && ends.length >= 2 && Math.max(...ends);
}, null, { timeout: 120_000 });
console.log(`load.cold_all_ms ${(await chunks.jsonValue()).toFixed(0)} ms`);
await cold.close();

const warm = await site.browser.newContext({ serviceWorkers: "block" });
page = await warm.newPage();
const visits = [];
// The first visits fill the cache, with compiled code too.
for (let visit = -3; visit < 5; visit++) {
  await page.goto(site.site.url);
  const took = await since(page);
  await page.waitForTimeout(1000);
  if (visit >= 0) visits.push(took);
}
console.log(`load.warm_ms ${visits.sort((a, b) => a - b)[2].toFixed(0)} ms`);

// Embedding by prediction: the picture of a live camera, as fast as the engine answers.
await ready(page);
const engine = page.workers()[0];
await engine.evaluate(() => {
  self.answered = 0;
  const post = self.postMessage.bind(self);
  self.postMessage = (...message) => {
    if (message[0]?.kind === "state") self.answered += 1;
    else post(...message);
  };
});
const embed = (from, to) => engine.evaluate(async ([from, to]) => {
  const dim = 256;
  const zeros = (n) => new Array(n).fill(0);
  const familiarity = { mean: zeros(dim), inv_std: zeros(dim).fill(1), prototypes: zeros(2 * dim), threshold: null };
  const head = { classes: 2, dim, weights: zeros(2 * dim), bias: zeros(2), familiarity };
  for (let at = from; at < to; at++) {
    const pixels = Uint8Array.from({ length: 64 * 64 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 2654435761 + at * 40503) >>> 24));
    const body = { Learn: { PredictFrame: { head, width: 64, height: 64 } } };
    const before = self.answered;
    self.dispatchEvent(new MessageEvent("message", { data: { kind: "start", id: 1e6 + at, body, floats: new Float32Array(), parts: [pixels], blobs: [] } }));
    while (self.answered === before) await new Promise((done) => setTimeout(done, 0));
  }
  return self.megabytes();
}, [from, to]);
const first = await embed(0, 1000);
const last = await embed(1000, IMAGES);
console.log(`engine.peak_mb ${last.toFixed(1)} MB`);
console.log(`engine.growth_mb ${(last - first).toFixed(1)} MB`);
await site.close();
