// Runs inside the page of benches/browser/models.mjs: one model after the other, every engine on it in turns.

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const bytes = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());

// Numbers that look like a picture to a model: the same on every run.
function noise(count, [low, high], seed = 1) {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + (high - low) * (state / 2 ** 32);
  });
}

async function engine(name) {
  const module = await import(`./${name}.js`);
  await module.default({ module_or_path: new URL(`${name}_bg.wasm`, location.href) });
  return module;
}

// Our own engine, called without worker or messages.
function ours(engine, file, input, integers) {
  const bench = new engine.Bench(file, integers);
  return { time: () => bench.run(input)[0], says: () => bench.run(input).slice(1), integers: bench.integers() };
}

async function onnxruntime(ort, file, input, shape) {
  const session = await ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
  const feeds = () => ({ [session.inputNames[0]]: new ort.Tensor("float32", input, shape) });
  const run = async () => (await session.run(feeds(), [session.outputNames[0]]))[session.outputNames[0]];
  const time = async () => {
    const start = performance.now();
    await run();
    return performance.now() - start;
  };
  return { time, says: async () => (await run()).data };
}

async function litert(litert, url, range) {
  const model = await litert.loadAndCompile(url, { accelerator: "wasm" });
  const { shape } = model.getInputDetails()[0];
  const dims = Array.from(shape);
  const input = noise(dims.reduce((a, b) => a * b, 1), range);
  const time = async () => {
    const start = performance.now();
    const tensor = new litert.Tensor(input, dims);
    const outputs = await model.run(tensor);
    const took = performance.now() - start;
    for (const output of outputs) output.delete();
    tensor.delete();
    return took;
  };
  return { time };
}

const cosine = (a, b) => {
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((v, i) => ((ab += v * b[i]), (aa += v * v), (bb += b[i] * b[i])));
  return ab / Math.sqrt(aa * bb);
};

// `model`: { name, onnx, shape, range, tflite?, classifier? }. Times of every engine, run by run.
export async function measure(engines, ort, lite, model, runs) {
  await Promise.all([engines.plain.bench_ready(), engines.relaxed.bench_ready()]);
  let file = await bytes(model.onnx);
  if (model.classifier) file = engines.plain.bench_classifier(file);
  const count = model.shape.reduce((a, b) => a * b, 1);
  const input = noise(count, model.range);
  const calibration = new Float32Array([...input, ...noise(count, model.range, 2)]);
  const eight = engines.plain.bench_quantize(file, calibration, 8);
  const seven = engines.plain.bench_quantize(file, calibration, 7);
  const runners = {
    "our float": ours(engines.plain, file, input, false),
    "our float, relaxed": ours(engines.relaxed, file, input, false),
    "our int8": ours(engines.plain, eight, input, true),
    "our int8, relaxed": ours(engines.relaxed, seven, input, true),
    "onnxruntime-web float": await onnxruntime(ort, file, input, model.shape),
    "onnxruntime-web int8": await onnxruntime(ort, eight, input, model.shape),
  };
  if (lite && model.tflite) {
    runners["LiteRT.js float"] = await litert(lite, `${model.tflite}.tflite`, model.range);
    runners["LiteRT.js int8"] = await litert(lite, `${model.tflite}-int8.tflite`, model.range);
  }
  const float = await runners["onnxruntime-web float"].says();
  const agreement = {};
  for (const [name, runner] of Object.entries(runners)) if (runner.says) agreement[name] = cosine(float, await runner.says());
  const times = Object.fromEntries(Object.keys(runners).map((name) => [name, []]));
  for (let run = -8; run < runs; run++) {
    for (const [name, runner] of Object.entries(runners)) {
      const took = await runner.time();
      if (run >= 0) times[name].push(took);
    }
  }
  const medians = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
  const bytesOf = { float: file.length, eight: eight.length, seven: seven.length };
  return { model: model.name, medians, agreement, bytes: bytesOf, integers: runners["our int8"].integers, times };
}

// The median of a / b, run by run, so that whatever else the machine does weighs on both alike.
export const ratio = (result, a, b) => median(result.times[a].map((ms, run) => ms / result.times[b][run]));

export async function everything(models, runs, withLite) {
  const ort = await import("./ort/ort.wasm.min.mjs");
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = new URL("ort/", location.href).href;
  let lite = null;
  if (withLite) {
    lite = await import("./litert/dist/index.js");
    await lite.loadLiteRt(new URL("litert/wasm/", location.href).href, { threads: false });
  }
  const engines = { plain: await engine("engine"), relaxed: await engine("engine-relaxed") };
  const results = [];
  for (const model of models) results.push(await measure(engines, ort, lite, model, runs));
  return results;
}
