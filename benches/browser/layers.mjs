// Measures the integer kernels shape by shape, in both builds of the engine: billions of multiply-adds a second,
// the median of nine turns. Needs dist/ (make dist, not QUICK).
//
//   node benches/browser/layers.mjs [> benches/records/<date>-layers.txt]

import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { serve } from "../../scripts/serve.mjs";

// Side, channels, output channels (0: depthwise), kernel, stride, and how often the network has it.
const NETWORKS = {
  "MobileNetV2 1.0 at 224": [
    [224, 3, 32, 3, 2, 1], [112, 32, 0, 3, 1, 1], [112, 32, 16, 1, 1, 1], [112, 16, 96, 1, 1, 1], [112, 96, 0, 3, 2, 1],
    [56, 96, 24, 1, 1, 1], [56, 24, 144, 1, 1, 2], [56, 144, 0, 3, 1, 1], [56, 144, 24, 1, 1, 1], [56, 144, 0, 3, 2, 1],
    [28, 144, 32, 1, 1, 1], [28, 32, 192, 1, 1, 3], [28, 192, 0, 3, 1, 2], [28, 192, 32, 1, 1, 2], [28, 192, 0, 3, 2, 1],
    [14, 192, 64, 1, 1, 1], [14, 64, 384, 1, 1, 4], [14, 384, 0, 3, 1, 4], [14, 384, 64, 1, 1, 3], [14, 384, 96, 1, 1, 1],
    [14, 96, 576, 1, 1, 3], [14, 576, 0, 3, 1, 2], [14, 576, 96, 1, 1, 2], [14, 576, 0, 3, 2, 1], [7, 576, 160, 1, 1, 1],
    [7, 160, 960, 1, 1, 3], [7, 960, 0, 3, 1, 3], [7, 960, 160, 1, 1, 2], [7, 960, 320, 1, 1, 1], [7, 320, 1280, 1, 1, 1],
    [1, 1280, 1000, 1, 1, 1],
  ],
  "our backbone": [
    [64, 3, 24, 3, 2, 1], [32, 24, 24, 3, 1, 2], [32, 24, 64, 3, 2, 1], [16, 64, 64, 3, 1, 4], [16, 64, 128, 3, 2, 1],
    [8, 128, 128, 3, 1, 4], [8, 128, 256, 3, 2, 1], [4, 256, 128, 1, 1, 2], [4, 128, 128, 3, 1, 2], [4, 128, 256, 1, 1, 2],
  ],
};

const folder = mkdtempSync(join(tmpdir(), "fieldtest-layers-"));
const dist = process.env.DIST ?? resolve(import.meta.dirname, "../../dist");
for (const name of readdirSync(dist).filter((name) => name.startsWith("engine"))) {
  cpSync(join(dist, name), join(folder, name));
}
writeFileSync(join(folder, "index.html"), "<!doctype html><title>layers</title>");
const server = await serve({ dir: folder, port: 0 });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
  const page = await browser.newPage();
  await page.goto(server.url);
  const measured = await page.evaluate(async (networks) => {
    const engines = [];
    for (const name of ["engine", "engine-relaxed"]) {
      const engine = await import(`./${name}.js`);
      await engine.default({ module_or_path: new URL(`${name}_bg.wasm`, location.href) });
      engines.push(engine);
    }
    // Eight bits on pairs in both, seven bits on quads in the second.
    const ways = [(s, n) => engines[0].bench_conv(...s, 8, n), (s, n) => engines[1].bench_conv(...s, 7, n)];
    const results = {};
    for (const [network, shapes] of Object.entries(networks)) {
      results[network] = [];
      for (const [side, channels, out, kernel, stride, times] of shapes) {
        const shape = [side, channels, out, kernel, stride];
        const macs = Math.ceil(side / stride) ** 2 * (out || channels) * kernel ** 2 * (out ? channels : 1);
        const runs = Math.max(2, Math.round(2e7 / macs));
        const turns = [];
        for (let turn = -3; turn < 9; turn++) {
          const ms = ways.map((way) => way(shape, runs));
          if (turn >= 0) turns.push(ms);
        }
        const median = (way) => turns.map((ms) => ms[way]).sort((a, b) => a - b)[4];
        results[network].push({ shape, macs, times, ms: [median(0), median(1)] });
      }
    }
    return results;
  }, NETWORKS);
  const rate = (macs, ms) => (macs / ms / 1e6).toFixed(1).padStart(7);
  for (const [network, layers] of Object.entries(measured)) {
    console.log(`${network}: GMAC/s with SIMD128 (8 bits), with relaxed SIMD (7 bits); Chromium ${browser.version()}`);
    for (const { shape: [side, channels, out, kernel, stride], macs, times, ms } of layers) {
      const name = out ? `${channels} to ${out}` : `${channels} depthwise`;
      console.log(`  ${`${kernel}x${kernel}/${stride} at ${side}, ${name}`.padEnd(34)} x${times} ${rate(macs, ms[0])} ${rate(macs, ms[1])}`);
    }
    const sum = (of) => layers.reduce((total, layer) => total + layer.times * of(layer), 0);
    console.log(`  ${"all".padEnd(37)} ${rate(sum((l) => l.macs), sum((l) => l.ms[0]))} ${rate(sum((l) => l.macs), sum((l) => l.ms[1]))}\n`);
  }
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true });
}
