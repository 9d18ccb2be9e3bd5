// Packs the models of a built site for the way (src/packed.rs says how): models/<name>.packed beside each
// models/<name>.onnx, which stays for whoever wants the standard file.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

function shuffle(plain) {
  const half = Math.ceil(plain.length / 2);
  const shuffled = Buffer.alloc(plain.length);
  plain.forEach((byte, at) => (shuffled[at % 2 ? half + (at - 1) / 2 : at / 2] = byte));
  return shuffled;
}

export const pack = (plain) => gzipSync(shuffle(plain), { level: 9 });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(process.argv[2], "models");
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".onnx"))) {
    writeFileSync(join(folder, name.replace(/onnx$/, "packed")), pack(readFileSync(join(folder, name))));
  }
}
