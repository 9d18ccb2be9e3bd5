// The Shrink bench with models of anyone's: opened, fitted, quantized, refused by name; and both on the camera.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { files } from "./pictures.mjs";
import { done, id, ready, start, trained } from "./support.mjs";

let site;
before(async () => {
  site = await start({ args: ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"] });
});
after(() => site.close());

const shared = (name) => fileURLToPath(new URL(`../../../shared/models/${name}`, import.meta.url));
const model = (name, buffer) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(buffer) });

async function quantized(page, timeout = 120_000) {
  await id(page, "shrink-go").click();
  await id(page, "tried").waitFor({ timeout });
}

test("a file that is no model is refused by name, and the page goes on", async () => {
  const page = await site.page();
  await id(page, "bench-shrink").click();
  const bad = [
    ["pointer.onnx", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", /pointer\.onnx.*git lfs pull/],
    ["page.onnx", "<!DOCTYPE html><html></html>", /page\.onnx.*web page/],
    ["empty.onnx", "", /empty\.onnx.*empty/],
    ["noise.onnx", Buffer.alloc(2000, 0xfe), /noise\.onnx.*ONNX/],
  ];
  for (const [name, bytes, words] of bad) {
    await id(page, "shrink-open").setInputFiles(model(name, bytes));
    await id(page, "open-trouble").filter({ hasText: name }).waitFor();
    assert.match(await id(page, "open-trouble").textContent(), words);
  }
  await id(page, "shrink-sample").click();
  await trained(page);
  assert.ok(await id(page, "shrink-go").isEnabled());
  await done(page);
});

test("our own download comes back as a file of anyone's; both answer on the camera", async () => {
  const page = await site.page();
  await id(page, "bench-shrink").click();
  await id(page, "shrink-sample").click();
  await trained(page);
  // A classifier that float16 has made smaller is a float model still, with its labels inside.
  await id(page, "shrink-mode").selectOption({ label: "float16" });
  await quantized(page);
  const [download] = await Promise.all([page.waitForEvent("download"), id(page, "shrink-download").click()]);
  await id(page, "shrink-open").setInputFiles(model("ours.onnx", await readFile(await download.path())));
  await id(page, "opened").waitFor();
  assert.match(await id(page, "opened-facts").textContent(), /gives probabilities \(8 numbers\)/);
  assert.match(await id(page, "fit-why").textContent(), /0 to 255/);
  await id(page, "shrink-mode").selectOption({ label: "int8, static" });
  await quantized(page);
  assert.match(await id(page, "shrink-verdict").textContent(), /of 120 answers agree\. .*McNemar/s);

  await id(page, "shrink-camera").click();
  await id(page, "live-both").getByTestId("duo-small").waitFor({ timeout: 30_000 });
  await id(page, "shrink-camera").click();
  await id(page, "subject-classifier").click();
  assert.equal(await id(page, "tried").count(), 0, "another model: nothing has been tried");
  await done(page);
});

test("MobileNet at 224 with features is quantized on pictures brought here", { skip: !existsSync(shared("mobilenetv2-0.35-224.onnx")) }, async () => {
  const page = await site.page();
  await ready(page);
  await id(page, "bench-shrink").click();
  await id(page, "shrink-open").setInputFiles(shared("mobilenetv2-0.35-224.onnx"));
  await id(page, "opened").waitFor({ timeout: 30_000 });
  await id(page, "fit-pixels").selectOption({ label: "\u22121 to 1" });
  await id(page, "shrink-pictures").setInputFiles(files(1, 12));
  assert.match(await id(page, "shrink-brought").textContent(), /12 pictures/);
  await id(page, "shrink-source").selectOption({ label: "Pictures opened here" });
  await id(page, "shrink-exam").selectOption({ label: "Pictures opened here" });
  await quantized(page, 180_000);
  const cosine = parseFloat(await id(page, "shrink-cosine").textContent());
  assert.ok(cosine > 0.9, `mean cosine ${cosine}`);
  assert.equal(await id(page, "flips").locator("li").count(), 12);
  const [download] = await Promise.all([page.waitForEvent("download"), id(page, "shrink-download").click()]);
  assert.equal(download.suggestedFilename(), "mobilenetv2-0.35-224-small.onnx");
  await done(page);
});
