// Runs inside the page of benches/browser: our engine beside onnxruntime-web, in one run.
// The engine is spoken to as src/engine/wire.rs describes it.

const side = 64;

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function quartiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return [0.25, 0.75].map((q) => sorted[Math.floor(q * (sorted.length - 1))]);
}

// The engine in its worker: `ask` resolves with the last message of a job.
export async function startEngine() {
  const module = await WebAssembly.compileStreaming(fetch("engine_bg.wasm"));
  const backbone = new Uint8Array(await (await fetch("models/backbone-supervised.onnx")).arrayBuffer());
  const worker = new Worker("engine-worker.js", { type: "module" });
  const message = (kind, id, body, floats, parts) => ({ kind, id, body, floats: new Float32Array(floats), parts, blobs: [] });
  const waiting = new Map();
  const ready = new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }) => {
      if (data.bootFailed || data.kind === "broken") reject(new Error(data.bootFailed ?? data.body));
      if (data.kind === "ready") resolve(data.body);
      if (data.kind !== "state" || data.body.Progress) return;
      const { resolve: done, reject: failed } = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.body.Done) done({ reply: data.body.Done, floats: data.floats });
      else failed(new Error(JSON.stringify(data.body)));
    };
  });
  worker.postMessage({ boot: { module, script: "./engine.js" } });
  worker.postMessage(message("init", 0, "Supervised", [], [backbone]));
  let next = 0;
  const ask = (body, floats = [], parts = []) =>
    new Promise((resolve, reject) => {
      next += 1;
      waiting.set(next, { resolve, reject });
      worker.postMessage(message("start", next, body, floats, parts));
    });
  return { info: await ready, ask };
}

// Embedding one picture: ours (time in the backbone, as the engine reports it) against
// onnxruntime-web with one thread, A B A B, after a warm-up of both.
export async function embedding(engine, ort, runs) {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create("models/backbone-supervised.onnx", { executionProviders: ["wasm"] });
  const { dim } = engine.info.backbone;
  const zeros = (n) => new Array(n).fill(0);
  const familiarity = { mean: zeros(dim), inv_std: new Array(dim).fill(1), prototypes: zeros(2 * dim), threshold: null };
  const head = { classes: 2, dim, weights: zeros(2 * dim), bias: zeros(2), familiarity };
  const rgba = Uint8Array.from({ length: side * side * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 2654435761) >>> 24));
  const planes = new Float32Array(3 * side * side);
  for (let i = 0; i < side * side; i++) for (let c = 0; c < 3; c++) planes[c * side * side + i] = rgba[4 * i + c];

  const ours = async () => {
    const body = { Learn: { PredictFrame: { head, width: side, height: side } } };
    return (await engine.ask(body, [], [rgba.slice()])).reply.Learn.Predicted.embed_ms;
  };
  const theirs = async () => {
    const image = new ort.Tensor("float32", planes, [1, 3, side, side]);
    const start = performance.now();
    await session.run({ image });
    return performance.now() - start;
  };
  const times = { ours: [], theirs: [] };
  for (let run = -8; run < runs; run++) {
    const [a, b] = [await ours(), await theirs()];
    if (run >= 0) {
      times.ours.push(a);
      times.theirs.push(b);
    }
  }
  // Pair by pair, so that whatever else the machine does weighs on both sides alike.
  const ratios = times.ours.map((ms, run) => times.theirs[run] / ms);
  return {
    ours_ms: median(times.ours),
    ours_iqr: quartiles(times.ours),
    ort_ms: median(times.theirs),
    ort_iqr: quartiles(times.theirs),
    speed_vs_ort: median(ratios),
    speed_iqr: quartiles(ratios),
  };
}

// Training a head on 500 embeddings of 5 classes, cross-validation included.
export async function training(engine, runs) {
  const { dim } = engine.info.backbone;
  const [n, classes] = [500, 5];
  let state = 1;
  const random = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32);
  const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const centres = Array.from({ length: classes * dim }, () => 0.35 * normal());
  const labels = Uint32Array.from({ length: n }, (_, i) => i % classes);
  const embeddings = Float32Array.from({ length: n * dim }, (_, i) => {
    const label = labels[Math.floor(i / dim)];
    return Math.max(0, 0.8 + centres[label * dim + (i % dim)] + normal());
  });
  const hashes = new Uint32Array(2 * n).map(() => random() * 2 ** 32);
  const times = [];
  let report;
  for (let run = -2; run < runs; run++) {
    const parts = [labels, hashes, new Uint32Array(n)].map((a) => new Uint8Array(a.buffer.slice(0)));
    const start = performance.now();
    const { reply } = await engine.ask({ Learn: { Train: { classes } } }, embeddings, parts);
    if (run >= 0) times.push(performance.now() - start);
    report = reply.Learn.Trained.report;
  }
  return { ms: median(times), iqr: quartiles(times), accuracy: report.accuracy, method: report.method };
}
