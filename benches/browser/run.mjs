// Measures the engine in headless Chromium beside onnxruntime-web and prints figures.
//
//   node benches/browser/run.mjs           figures as `name value unit` lines
//   node benches/browser/run.mjs --json    everything measured
//
// Needs dist/ (make dist) and node_modules/.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { serve } from "../../scripts/serve.mjs";

const RUNS = 40;
const root = resolve(import.meta.dirname, "../..");

// A folder with what the page needs: the built engine, this bench and onnxruntime-web.
const folder = mkdtempSync(join(tmpdir(), "fieldtest-bench-"));
for (const name of [...readdirSync(join(root, "dist")).filter((name) => name.startsWith("engine")), "models"]) {
  cpSync(join(root, "dist", name), join(folder, name), { recursive: true });
}
cpSync(join(import.meta.dirname, "page.js"), join(folder, "page.js"));
mkdirSync(join(folder, "ort"));
cpSync(join(root, "node_modules/onnxruntime-web/dist"), join(folder, "ort"), { recursive: true });
writeFileSync(join(folder, "index.html"), "<!doctype html><title>bench</title>");

const server = await serve({ dir: folder, port: 0 });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const page = await browser.newPage();
  await page.goto(server.url);
  const result = await page.evaluate(async (runs) => {
    const bench = await import("./page.js");
    const ort = await import("./ort/ort.wasm.min.mjs");
    ort.env.wasm.wasmPaths = new URL("ort/", location.href).href;
    const engine = await bench.startEngine();
    return { backbone: engine.info.backbone, embed: await bench.embedding(engine, ort, runs), head: await bench.training(engine, 15) };
  }, RUNS);
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify(result, null, 2));
  } else {
    console.log(`embed.speed_vs_ort ${result.embed.speed_vs_ort.toFixed(3)} ratio`);
    console.log(`head.train_ms_500x5 ${result.head.ms.toFixed(0)} ms`);
  }
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true });
}
