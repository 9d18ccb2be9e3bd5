// The Shrink bench: the classifier becomes smaller, and float and small stand side by side.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { done, id, start, trained } from "./support.mjs";

let site;
before(async () => {
  site = await start();
});
after(() => site.close());

async function quantized(page) {
  await id(page, "shrink-go").click();
  await id(page, "shrink-go").waitFor({ state: "visible", timeout: 90_000 });
}

const number = async (page, name) => parseFloat(await id(page, name).textContent());

test("int8 is smaller, agrees with float, and can be taken home", async () => {
  const page = await site.page();
  await id(page, "bench-shrink").click();
  await id(page, "shrink-sample").click();
  await trained(page);
  await quantized(page);
  const [float, small] = [await number(page, "shrink-float-bytes"), await number(page, "shrink-bytes")];
  assert.ok(small < 0.3 * float, `${small} MB of ${float} MB`);
  const [, agree, asked] = /(\d+) of (\d+) answers agree/.exec(await id(page, "shrink-verdict").textContent());
  assert.equal(Number(asked), 120);
  assert.ok(Number(agree) >= 114, `${agree} of 120 agree`);
  assert.equal(await id(page, "flips").locator("li").count(), 120 - Number(agree));
  assert.match(await id(page, "latency-machine").textContent(), /SIMD128.*memory is \d+/);
  assert.match(await id(page, "latency-warm").textContent(), /Warm-up: 5 runs each/);
  assert.ok((await number(page, "shrink-packed")) <= small);

  // Every picture, and one of them with what both look at.
  await id(page, "browse-all").click();
  assert.equal(await id(page, "flips").locator("li").count(), 120);
  await id(page, "browse-picture").first().click();
  await id(page, "duo-small").waitFor();
  assert.equal(await id(page, "duo-float").locator(".bars li.best").count(), 1);
  assert.match(await id(page, "duo-apart").textContent(), /logit \d+\.\d+, cosine of the outputs 0\.9/);
  const painted = (half) => half.locator("canvas.heat").evaluate((c) => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 === 3 && v > 0));
  assert.ok(await painted(id(page, "duo-float")) && await painted(id(page, "duo-small")), "heatmaps of both");
  await page.keyboard.press("Escape");
  const first = await id(page, "browse-class").locator("option").nth(1).getAttribute("value");
  await id(page, "browse-class").selectOption(first);
  assert.equal(await id(page, "flips").locator("li").count(), 15);
  await id(page, "browse-class").selectOption("");

  const [download] = await Promise.all([page.waitForEvent("download"), id(page, "shrink-download").click()]);
  const file = await readFile(await download.path());
  assert.ok(file.length < 2_000_000 && file.includes("DequantizeLinear") && file.includes("Stop"));
  const taken = async (name) => {
    const [report] = await Promise.all([page.waitForEvent("download"), id(page, name).click()]);
    return (await readFile(await report.path())).toString();
  };
  const report = JSON.parse(await taken("shrink-report"));
  assert.equal(report.agree, Number(agree));
  assert.equal(report.flips.length, 120 - report.agree);
  assert.ok(report.latency_ms.float.n === 120 && report.quantizer.layers.length > 10 && report.labels.length === 8);
  const html = await taken("shrink-html");
  assert.ok(html.includes(`${agree} of 120 answers agree`) && html.includes("<svg") && !/https?:/.test(html));

  // Look inside.
  await id(page, "inside").locator("summary").first().click();
  assert.ok((await id(page, "network").locator("g.box").count()) > 15);
  await id(page, "network").locator("g.box:not(.float)").nth(4).locator("text").first().click();
  assert.ok((await id(page, "inside-weights").locator("rect").count()) > 10);
  assert.match(await id(page, "inside-outputs").textContent(), /kept .* to /);

  // Two bits, calibrated on noise: it must show.
  await id(page, "shrink-bits").fill("2");
  await id(page, "shrink-source").selectOption({ label: "Noise" });
  await quantized(page);
  assert.ok((await id(page, "flips").locator("li").count()) > 120 - Number(agree));
  assert.equal(await id(page, "tried").locator("tbody tr").count(), 2);
  assert.equal(await id(page, "tried-charts").locator(".scatter-point").count(), 6);
  await done(page);
});

test("culprits are found, left float, and that helps; the small one is asked about bad pictures", async () => {
  const page = await site.page();
  await id(page, "bench-shrink").click();
  await id(page, "shrink-sample").click();
  await trained(page);
  await id(page, "shrink-bits").fill("3");
  await id(page, "shrink-per-channel").uncheck();
  await quantized(page);
  const changed = async () => Number(/(\d+) of 120/.exec(await id(page, "shrink-verdict").textContent())[1]);
  const before = await changed();
  assert.ok(before < 118, `three bits a tensor must hurt: ${before} of 120 agree`);
  await id(page, "culprits-go").click();
  await id(page, "culprits-cancel").click();
  await id(page, "culprits-limit").fill("5");
  await id(page, "culprits-limit").press("Tab");
  await id(page, "culprits-go").click();
  await id(page, "culprits-proposal").waitFor({ timeout: 120_000 });
  assert.match(await id(page, "culprits-proposal").textContent(), /Leaving \d+ layers? float brings it to/);
  await id(page, "culprits-apply").click();
  await id(page, "shrink-go").waitFor({ timeout: 90_000 });
  assert.ok((await changed()) > before, "leaving culprits float helps");
  await id(page, "shrink-layers").locator("summary").first().click();
  assert.ok((await id(page, "layers-table").locator("input:checked").count()) > 0);
  await id(page, "exclude-none").click();
  assert.equal(await id(page, "layers-table").locator("input:checked").count(), 0);

  await id(page, "fragile-go").click();
  await id(page, "fragile-verdict").filter({ hasText: "Over all nineteen" }).waitFor({ timeout: 120_000 });
  assert.equal(await id(page, "fragile-table").locator("tbody tr").count(), 20);
  await done(page);
});

test("float and small are asked about a field neither has seen; quantizing can be stopped", async () => {
  const page = await site.page();
  await id(page, "bench-shift").click();
  await id(page, "shift-sample").click();
  await trained(page);
  await page.waitForFunction(() => document.querySelector('[data-testid="shift-count"]')?.textContent.startsWith("96") && !document.querySelector('[data-testid="shift-cancel"]'), null, { timeout: 60_000 });
  await id(page, "bench-shrink").click();
  await id(page, "shrink-exam").selectOption({ index: 1 });
  await id(page, "shrink-go").click();
  await id(page, "shrink-cancel").click();
  await id(page, "shrink-go").waitFor();
  await id(page, "shrink-mode").selectOption({ label: "int8 weights only" });
  await quantized(page);
  const [float, field] = [await number(page, "shrink-float"), await number(page, "strip-field")];
  assert.ok(Math.abs(float - field) <= 2, `float ${float} here, ${field} in the strip: the same pictures`);
  assert.ok(Math.abs((await number(page, "shrink-small")) - float) <= 10);
  await done(page);
});
