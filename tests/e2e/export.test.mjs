// The download: what is in it, and that it says what the page says.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { done, id, start, trained, withClasses } from "./support.mjs";
import { unzip } from "./zips.mjs";

let site;
before(async () => { site = await start(); });
after(() => site.close());

test("the classifier is downloaded with everything to check it by", async () => {
  const page = await site.page();
  await withClasses(page, [12, 12, 12]);
  await trained(page);
  const [download] = await Promise.all([page.waitForEvent("download"), id(page, "export-button").click()]);
  assert.match(download.suggestedFilename(), /\.zip$/);
  const files = await unzip(await readFile(await download.path()));
  const named = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name.split("/").at(-1), bytes]));
  for (const name of ["classifier.onnx", "check.json", "verify.py"]) assert.ok(named[name]?.length > 0, `${name} of ${Object.keys(files)}`);
  assert.ok(Object.keys(files).some((name) => /readme/i.test(name)));

  const check = JSON.parse(named["check.json"]);
  assert.deepEqual(check.labels, ["Stripes", "Rings", "Checks"]);
  assert.equal(check.examples.length, 3);
  for (const example of check.examples) {
    assert.ok(named[example.file.split("/").at(-1)], `${example.file} is there`);
    assert.ok(Math.abs(example.probabilities.reduce((a, b) => a + b) - 1) < 1e-4);
  }
  // The labels are in the model itself.
  assert.ok(named["classifier.onnx"].includes("Stripes") && named["classifier.onnx"].length > 3_000_000);
  assert.match(await id(page, "export-state").textContent(), /is ready: the ONNX file in it has \d+/);
  await done(page);
});
