// Tells the page how large the engines are: a line before assets/boot.js in a built site. A compressed answer states
// its compressed length, of which the page sees nothing, so it could not say how much is still to come.

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const names = readdirSync(folder).filter((name) => /^(engine(-relaxed)?|scratch)_bg\.wasm$/.test(name));
const sizes = Object.fromEntries(names.map((name) => [name, statSync(join(folder, name)).size]));
const boot = join(folder, "boot.js");
writeFileSync(boot, `globalThis.sizes = ${JSON.stringify(sizes)};\n${readFileSync(boot, "utf8")}`);
