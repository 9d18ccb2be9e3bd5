// Prints what a first visit downloads, as scripts/compress.mjs has compressed it (brotli, quality 11),
// as `name value unit` lines for scripts/figures.sh. 1 kB is 1000 bytes.

import { readdirSync, statSync } from "node:fs";

// There are two builds of the engine; a visit downloads one of them.
const engines = { engine: /^engine(_bg\.wasm|\.js|-chunks\.js|-worker\.js)$/, "engine.relaxed": /^engine-(relaxed_bg\.wasm|relaxed\.js|relaxed-chunks\.js|worker\.js)$/ };
const scratch = /^scratch(_bg\.wasm|\.js)$/;
// What comes off the page, fetched once the engine is ready or when it is looked at.
const later = /^app-[0-9a-f]+-[a-z0-9_]+(?<!_bg)\.wasm$/;
const reader = /^engine(-relaxed)?-[a-z0-9_]+(?<!_bg)\.wasm$/;
const page = /\.(wasm|js|css|html)$/;

const files = readdirSync("dist", { recursive: true }).filter((file) => page.test(file));

const kilobytes = (files) => files.reduce((sum, file) => sum + statSync(`dist/${file}.br`).size, 0) / 1000;

const others = [...Object.values(engines), scratch, later, reader];
console.log(`app.brotli_kb ${kilobytes(files.filter((file) => !others.some((other) => other.test(file)))).toFixed(1)} kB`);
console.log(`app.later_brotli_kb ${kilobytes(files.filter((file) => later.test(file))).toFixed(1)} kB`);
for (const [name, engine] of Object.entries(engines)) {
  console.log(`${name}${name === "engine" ? "." : "_"}brotli_kb ${kilobytes(files.filter((file) => engine.test(file))).toFixed(1)} kB`);
}
// Not of a first visit: fetched when training from scratch is asked for.
console.log(`scratch.brotli_kb ${kilobytes(files.filter((file) => scratch.test(file))).toFixed(1)} kB`);
console.log(`engine.later_brotli_kb ${kilobytes(files.filter((file) => reader.test(file) && !file.includes("relaxed"))).toFixed(1)} kB`);
