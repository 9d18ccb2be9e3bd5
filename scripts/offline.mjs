// Writes sw.js into a built site: assets/sw.js, and before it the list of files with their hashes. Run by
// scripts/post-build.sh, and by tests that make a newer build of a site: node scripts/offline.mjs <folder>

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

// Read by the host (which may not serve it), by the browser itself, or by people: nothing the page asks for.
const LEFT_OUT = /(^|\/)[._]|^sw\.js$|\.(md|br)$/;

export function writeWorker(folder) {
  const hash = (data) => createHash("sha256").update(data).digest("hex");
  const all = readdirSync(folder, { recursive: true })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.split(sep).join("/"));
  // The page asks for models as scripts/pack-models.mjs has packed them.
  const packed = (path) => path.endsWith(".onnx") && all.includes(path.replace(/onnx$/, "packed"));
  const paths = all.filter((path) => !LEFT_OUT.test(path) && !packed(path)).sort();
  const files = Object.fromEntries(paths.map((path) => [path, hash(readFileSync(join(folder, path)))]));
  const script = readFileSync(new URL("../assets/sw.js", import.meta.url), "utf8");
  const build = hash(JSON.stringify(files) + script).slice(0, 16);
  const lists = `const BUILD = ${JSON.stringify(build)};\nconst FILES = ${JSON.stringify(files, null, 1)};\n`;
  writeFileSync(join(folder, "sw.js"), `${lists}${script}`);
  return { build, paths };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeWorker(process.argv[2]);
