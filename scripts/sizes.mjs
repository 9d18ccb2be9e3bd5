// Prints what a first visit downloads, compressed as a good static host does (brotli, quality 11),
// as `name value unit` lines for scripts/figures.sh. 1 kB is 1000 bytes.

import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

const engine = /^engine(_bg\.wasm|\.js|-worker\.js)$/;
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

console.log(`app.brotli_kb ${(await kilobytes(files.filter((file) => !engine.test(file)))).toFixed(1)} kB`);
console.log(`engine.brotli_kb ${(await kilobytes(files.filter((file) => engine.test(file)))).toFixed(1)} kB`);
