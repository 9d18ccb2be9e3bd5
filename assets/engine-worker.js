// The module worker in which the engine runs (or what else `script` names), started with `new Worker(url, { type: "module" })`.
// The page compiles the engine once and sends it along, so that a restart after a crash is quick. There are
// two builds of it, and `script` is the JavaScript of the one that was compiled:
//
//   in   { boot: { module: WebAssembly.Module, script: "./engine.js" } }   first, once
//   out  { bootFailed: string }                                            if the engine cannot start
//
// Everything else is between the page and the engine's own message handler, which its start
// function installs. What arrives before that is kept and delivered then, in order.

const early = [];
let booting = false;

async function boot({ module, script }) {
  const engine = await import(script);
  const { memory } = await engine.default({ module_or_path: module });
  // For tests: to bring about a real trap in the running engine, and to see how much memory it has.
  if (engine.trap) self.trap = engine.trap;
  self.megabytes = () => memory.buffer.byteLength / 1e6;
}

function receive(event) {
  // First in line, so the engine's handler sees nothing until the early messages are delivered.
  event.stopImmediatePropagation();
  if (booting) {
    early.push(event);
    return;
  }
  booting = true;
  boot(event.data.boot).then(deliver, (error) => self.postMessage({ bootFailed: String(error) }));
}

function deliver() {
  self.removeEventListener("message", receive);
  for (const { data, ports } of early.splice(0)) {
    self.dispatchEvent(new MessageEvent("message", { data, ports: [...ports] }));
  }
}

self.addEventListener("message", receive);
