// Prints what the browser tests measure, as `name value unit` lines.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { quotaFaults, reloads } from "./keep.mjs";
import { bestOf } from "./smooth.mjs";
import { start } from "./support.mjs";
import { upgrades } from "./upgrades.mjs";

const site = await start();
console.log(`page.longest_task_ms ${(await bestOf(3, site)).toFixed(0)} ms`);

// Work that survives: reloads in the middle of a save that left a whole state; times without room that were
// said, kept on screen and saved once there was room.
console.log(`save.reloads_ok ${await reloads(site, Number(process.env.RELOADS ?? 1000))} reloads`);
console.log(`save.quota_faults_ok ${await quotaFaults(site, Number(process.env.QUOTA ?? 100))} faults`);
await site.close();

// Of the hostile inputs, those that had their stated outcome.
const file = fileURLToPath(new URL("hostile.test.mjs", import.meta.url));
const report = spawnSync(process.execPath, ["--test", "--test-reporter=tap", file], { encoding: "utf8" }).stdout;
console.log(`hostile.inputs_ok ${report.match(/^ok \d+/gm)?.length ?? 0} inputs`);

// Hostile ONNX files, crafted and mutated, that were refused by name, or taken, as stated: no panic, no hang.
const cargo = ["test", "--quiet", "--locked", "--features", "engine", "--test", "hostile_onnx", "--", "--nocapture"];
const onnx = spawnSync("cargo", cargo, { encoding: "utf8" }).stdout;
const stated = [...onnx.matchAll(/as stated: (\d+) of/g)].reduce((sum, [, n]) => sum + Number(n), 0);
console.log(`hostile.onnx_ok ${stated} files`);

// Of 20 deploys with an old tab open, those after which both tabs had what they should.
console.log(`offline.upgrades_ok ${(await upgrades(20)).ok} upgrades`);
