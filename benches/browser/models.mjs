// Measures our float and our int8 beside onnxruntime-web and LiteRT.js: one page, one run, all in turns.
//
//   node benches/browser/models.mjs           a table, and figures as `name value unit` lines
//   node benches/browser/models.mjs --quick   ten runs instead of thirty
//
// Needs dist/ (make dist, not QUICK) and node_modules/. Models in ../shared/models are measured where they
// are; the backbone with a head always is. Everything measured goes to target/bench-browser.json.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { serve } from "../../scripts/serve.mjs";

const RUNS = process.argv.includes("--quick") ? 10 : 30;
const root = resolve(import.meta.dirname, "../..");
const dist = process.env.DIST ?? join(root, "dist");
const shared = process.env.SHARED ?? resolve(root, "../shared");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");

const folder = mkdtempSync(join(tmpdir(), "fieldtest-bench-"));
const put = (from, to) => existsSync(from) && (cpSync(from, join(folder, to), { recursive: true }), true);
for (const name of [...readdirSync(dist).filter((name) => name.startsWith("engine")), "models"]) put(join(dist, name), name);
put(join(import.meta.dirname, "models.js"), "models.js");
put(join(root, "node_modules/onnxruntime-web/dist"), "ort");
const lite = put(join(root, "node_modules/@litertjs/core"), "litert") && put(join(root, "node_modules/@litertjs/wasm-utils/dist"), "wasm-utils");
const map = { imports: { "@litertjs/wasm-utils": "./wasm-utils/bundle.js" } };
writeFileSync(join(folder, "index.html"), `<!doctype html><title>bench</title><script type="importmap">${JSON.stringify(map)}</script>`);
// An isolated page's clock has steps of 5 microseconds; any other's, of 100, which is a thirtieth of our backbone's time.
writeFileSync(join(folder, "_headers"), "/*\n  Cross-Origin-Opener-Policy: same-origin\n  Cross-Origin-Embedder-Policy: require-corp\n");

const picture = [1, 3, 224, 224];
const models = [
  { name: "our backbone with a head", onnx: "models/backbone-supervised.onnx", shape: [1, 3, 64, 64], range: [0, 255], classifier: true },
  { name: "MobileNetV2 1.0 at 224", onnx: "mobilenetv2-1.0-224.onnx", shape: picture, range: [-1, 1], tflite: "mobilenetv2-1.0-224" },
  { name: "MobileNetV2 0.35 at 224", onnx: "mobilenetv2-0.35-224.onnx", shape: picture, range: [-1, 1] },
].filter((model) => model.classifier || put(join(shared, "models", model.onnx), model.onnx));
for (const name of ["mobilenetv2-1.0-224.tflite", "mobilenetv2-1.0-224-int8.tflite"]) put(join(shared, "models", name), name);

const server = await serve({ dir: folder, port: 0 });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const page = await browser.newPage();
  if (process.env.VERBOSE) page.on("console", (message) => console.error(message.text()));
  await page.goto(server.url);
  if (!(await page.evaluate(() => crossOriginIsolated))) throw new Error("The page is not isolated: its clock is too coarse.");
  const run = async ([models, runs, lite]) => {
    const bench = await import("./models.js");
    const results = await bench.everything(models, runs, lite);
    return results.map((result) => ({ ...result, ratios: Object.fromEntries(Object.keys(result.times).map((a) => [a, Object.fromEntries(Object.keys(result.times).map((b) => [b, bench.ratio(result, a, b)]))])) }));
  };
  const results = await page.evaluate(run, [models, RUNS, Boolean(lite)]);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "bench-browser.json"), JSON.stringify({ browser: browser.version(), runs: RUNS, results }, null, 1));

  for (const { model, medians, agreement, ratios, bytes, integers } of results) {
    console.log(`\n${model} (${(bytes.float / 1e6).toFixed(2)} MB, int8 ${(bytes.eight / 1e6).toFixed(2)} MB${integers ? `; ${integers}` : ""})`);
    for (const [name, ms] of Object.entries(medians)) {
      const against = ratios[name]["onnxruntime-web float"].toFixed(3);
      const agrees = agreement[name] === undefined ? "" : `  cosine to float ${agreement[name].toFixed(4)}`;
      console.log(`  ${name.padEnd(22)} ${ms.toFixed(2).padStart(8)} ms  ${against.padStart(7)} of onnxruntime-web float${agrees}`);
    }
  }
  console.log();
  const figure = (name, at, a, b) => {
    const value = results.find((result) => result.model.startsWith(at))?.ratios[a]?.[b];
    if (value !== undefined) console.log(`${name} ${value.toFixed(3)} ratio`);
  };
  const [own, mobile] = ["our backbone", "MobileNetV2 1.0"];
  figure("int8.mbv2_vs_ort_float", mobile, "our int8", "onnxruntime-web float");
  figure("int8.mbv2_relaxed_vs_ort_float", mobile, "our int8, relaxed", "onnxruntime-web float");
  figure("int8.backbone_vs_own_float", own, "our int8", "our float");
  figure("int8.backbone_relaxed_vs_own_float", own, "our int8, relaxed", "our float");
  figure("float.mbv2_vs_ort_float", mobile, "our float", "onnxruntime-web float");
  figure("float.mbv2_relaxed_vs_ort_float", mobile, "our float, relaxed", "onnxruntime-web float");
  figure("int8.ort_int8_vs_ours", mobile, "onnxruntime-web int8", "our int8");
  figure("int8.mbv2_relaxed_vs_litert_int8", mobile, "our int8, relaxed", "LiteRT.js int8");
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true });
}
