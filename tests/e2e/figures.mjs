// Prints what the browser tests measure, as `name value unit` lines.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { bestOf } from "./smooth.mjs";
import { start } from "./support.mjs";

const site = await start();
console.log(`page.longest_task_ms ${(await bestOf(3, site)).toFixed(0)} ms`);
await site.close();

// Of the hostile inputs, those that had their stated outcome.
const file = fileURLToPath(new URL("hostile.test.mjs", import.meta.url));
const report = spawnSync(process.execPath, ["--test", "--test-reporter=tap", file], { encoding: "utf8" }).stdout;
console.log(`hostile.inputs_ok ${report.match(/^ok \d+/gm)?.length ?? 0} inputs`);
