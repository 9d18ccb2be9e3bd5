// Prints what a first visit downloads, compressed as a good static host does (brotli, quality 11),
// as `name value unit` lines for scripts/figures.sh. 1 kB is 1000 bytes.

import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

// There are two builds of the engine; a visit downloads one of them.
const engines = { engine: /^engine(_bg\.wasm|\.js|-chunks\.js|-worker\.js)$/, "engine.relaxed": /^engine-(relaxed_bg\.wasm|relaxed\.js|relaxed-chunks\.js|worker\.js)$/ };
const scratch = /^scratch(_bg\.wasm|\.js)$/;
// What comes off the page, fetched once the engine is ready or when it is looked at.
const later = /^app-[0-9a-f]+-[a-z0-9_]+(?<!_bg)\.wasm$/;
const reader = /^engine(-relaxed)?-[a-z0-9_]+(?<!_bg)\.wasm$/;
const page = /\.(wasm|js|css|html)$/;

const compress = promisify(brotliCompress);
const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
const files = readdirSync("dist", { recursive: true }).filter((file) => page.test(file));

async function kilobytes(files) {
  const sizes = await Promise.all(files.map(async (file) => {
    const data = readFileSync(`dist/${file}`);
    return (await compress(data, { params: { ...params, [constants.BROTLI_PARAM_SIZE_HINT]: data.length } })).length;
  }));
  return sizes.reduce((sum, size) => sum + size, 0) / 1000;
}

const others = [...Object.values(engines), scratch, later, reader];
console.log(`app.brotli_kb ${(await kilobytes(files.filter((file) => !others.some((other) => other.test(file))))).toFixed(1)} kB`);
console.log(`app.later_brotli_kb ${(await kilobytes(files.filter((file) => later.test(file)))).toFixed(1)} kB`);
for (const [name, engine] of Object.entries(engines)) {
  console.log(`${name}${name === "engine" ? "." : "_"}brotli_kb ${(await kilobytes(files.filter((file) => engine.test(file)))).toFixed(1)} kB`);
}
// Not of a first visit: fetched when training from scratch is asked for.
console.log(`scratch.brotli_kb ${(await kilobytes(files.filter((file) => scratch.test(file)))).toFixed(1)} kB`);
console.log(`engine.later_brotli_kb ${(await kilobytes(files.filter((file) => reader.test(file) && !file.includes("relaxed")))).toFixed(1)} kB`);
