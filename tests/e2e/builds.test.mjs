// The two builds of the engine, for browsers with and without relaxed SIMD, compute the same bits: a link promises
// its receiver the sender's result, and the receiver may have another browser.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "./support.mjs";

let site;
before(async () => { site = await start(); });
after(() => site.close());

test("float, and int8 of seven and of eight bits, are the same to the last bit in both builds", async () => {
  const page = await site.browser.newPage();
  await page.route("**/blank.html", (route) => route.fulfill({ contentType: "text/html", body: "<title>builds</title>" }));
  await page.goto(`${site.site.url}blank.html`);
  const said = await page.evaluate(async () => {
    const engines = [];
    for (const name of ["engine", "engine-relaxed"]) {
      const engine = await import(`./${name}.js`);
      await engine.default({ module_or_path: new URL(`${name}_bg.wasm`, location.href) });
      await engine.bench_ready();
      engines.push(engine);
    }
    const [plain, relaxed] = engines;
    const file = new Uint8Array(await (await fetch("models/backbone-supervised.onnx")).arrayBuffer());
    const classifier = plain.bench_classifier(file);
    let state = 1;
    const picture = () => Float32Array.from({ length: 3 * 64 * 64 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    });
    const pictures = Array.from({ length: 6 }, picture);
    const calibration = Float32Array.from([...pictures[0], ...pictures[1]]);
    const models = {
      float: [classifier, false],
      seven: [plain.bench_quantize(classifier, calibration, 7), true],
      eight: [plain.bench_quantize(classifier, calibration, 8), true],
    };
    const bits = (numbers) => Array.from(new Uint32Array(new Float32Array(numbers).buffer));
    const run = (engine, [model, integers]) => {
      const bench = new engine.Bench(model, integers);
      return { integers: bench.integers(), bits: pictures.map((p) => bits(bench.run(p).slice(1))) };
    };
    return Object.entries(models).map(([name, model]) => [name, run(plain, model), run(relaxed, model)]);
  });
  for (const [name, plain, relaxed] of said) {
    assert.equal(plain.bits.length, 6);
    assert.equal(new Set(plain.bits.map(String)).size, 6, `${name}: every picture says something else`);
    if (name !== "float") assert.match(relaxed.integers, /^(2[0-9]|3[0-9]) nodes as integers/, name);
    assert.deepEqual(relaxed.bits, plain.bits, name);
  }
  assert.notDeepEqual(said[1][1].bits, said[2][1].bits, "seven bits are not eight");
});
