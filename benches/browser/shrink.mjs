// Times the quantizer in headless Chromium, beside onnxruntime's own quantizer in Python on the same model, machine
// and number of calibration pictures, one after the other. Prints figures.
//
//   PYTHON=... node benches/browser/shrink.mjs
//
// Needs dist/ (make dist), the tests' Python packages and, for MobileNetV2, ../shared/models.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { files } from "../../tests/e2e/pictures.mjs";
import { id, ready, start, trained } from "../../tests/e2e/support.mjs";

const MODEL = fileURLToPath(new URL("../../../shared/models/mobilenetv2-1.0-224.onnx", import.meta.url));
const PICTURES = 32;

const site = await start();
const page = await site.page();

// Seconds spent calibrating and writing, as the report says them.
async function seconds() {
  await id(page, "shrink-go").click();
  await id(page, "shrink-go").waitFor({ state: "visible", timeout: 300_000 });
  const [download] = await Promise.all([page.waitForEvent("download"), id(page, "shrink-report").click()]);
  return JSON.parse(await readFile(await download.path())).seconds;
}

try {
  await ready(page);
  await id(page, "bench-shrink").click();
  await id(page, "shrink-sample").click();
  await trained(page);
  const ours = [await seconds(), await seconds(), await seconds()];
  console.log(`shrink.classifier_quantize_s ${Math.min(...ours).toFixed(2)} s`);
  if (existsSync(MODEL)) {
    await id(page, "shrink-open").setInputFiles(MODEL);
    await id(page, "opened").waitFor({ timeout: 60_000 });
    await id(page, "shrink-pictures").setInputFiles(files(1, PICTURES));
    await id(page, "shrink-source").selectOption({ label: "Pictures opened here" });
    await id(page, "shrink-exam").selectOption({ label: "Pictures opened here" });
    const here = await seconds();
    const script = fileURLToPath(new URL("../quantize_ort.py", import.meta.url));
    const theirs = spawnSync(process.env.PYTHON ?? "python3", [script, MODEL, String(PICTURES)], { encoding: "utf8" });
    const there = parseFloat(theirs.stdout);
    if (!(there > 0)) throw new Error(theirs.stderr);
    console.error(`MobileNetV2: ${here.toFixed(2)} s here, ${there.toFixed(2)} s in onnxruntime's quantizer`);
    console.log(`shrink.quantize_mbv2_vs_ort ${(here / there).toFixed(2)} ratio`);
  }
} finally {
  await site.close();
}
