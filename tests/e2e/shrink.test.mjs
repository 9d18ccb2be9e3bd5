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
  const [download] = await Promise.all([page.waitForEvent("download"), id(page, "shrink-download").click()]);
  const file = await readFile(await download.path());
  assert.ok(file.length < 2_000_000 && file.includes("DequantizeLinear"));

  // Two bits, calibrated on noise: it must show.
  await id(page, "shrink-bits").fill("2");
  await id(page, "shrink-source").selectOption({ label: "Noise" });
  await quantized(page);
  assert.ok((await id(page, "flips").locator("li").count()) > 120 - Number(agree));
  assert.equal(await id(page, "tried").locator("tbody tr").count(), 2);
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
