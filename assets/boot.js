// Starts the page: loads the wasm binary that Trunk names in this script's own attributes. A file of
// its own because the Content-Security-Policy allows no inline script. Whatever goes wrong is told
// in the static shell of index.html, so that nobody looks at a blank page.

const boot = document.getElementById("boot");
const shell = document.getElementById("shell");

// (module (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt)): valid only with SIMD.
const simdProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
]);

// (module (func (result v128) ...)) of one i32x4.relaxed_dot_i8x16_i7x16_add_s.
const relaxedProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 1, 253, 15,
  65, 1, 253, 15, 65, 1, 253, 15, 253, 147, 2, 11,
]);

// What the page asks for first is under way before the page can ask: downloads that it takes over, by
// address (src/engine/client/load.rs), behind its own in the queue.
function begin() {
  globalThis.relaxedSimd = WebAssembly.validate(relaxedProbe);
  const engine = globalThis.relaxedSimd ? "engine-relaxed_bg.wasm" : "engine_bg.wasm";
  const get = (address) => [address, fetch(address, { priority: "low" }).catch(() => null)];
  globalThis.begun = new Map([engine, "models/backbone-supervised.packed"].map(get));
}

function tell(message) {
  if (!shell.isConnected) document.body.prepend(shell);
  document.getElementById("shell-status").textContent = message;
}

async function start() {
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(simdProbe)) {
    tell("Fieldtest needs WebAssembly with SIMD, which this browser does not have or has turned off. Every browser since 2023 has it: please update, or try another one.");
    return;
  }
  begin();
  try {
    const page = await import(new URL(boot.dataset.js, document.baseURI));
    await page.default({ module_or_path: new URL(boot.dataset.wasm, document.baseURI) });
  } catch (error) {
    console.error(error);
    tell(`The page could not be loaded (${error.message ?? error}). Check your connection and load it again.`);
  }
}

start();
