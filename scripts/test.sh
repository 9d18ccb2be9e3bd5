#!/usr/bin/env bash
# Runs the tests: all stages, or those named as arguments (native, wasm, differential, browser).

# shellcheck source=scripts/test-tools.sh
. "$(dirname "$0")/test-tools.sh"

native() {
  say "Testing natively"
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --locked --features engine
  else
    cargo test --locked --features engine --quiet
  fi
}

# The same numbers must come out of the wasm kernels. Release, to share the engine's dependencies.
wasm() {
  say "Testing the engine as wasm, in Node"
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner \
    cargo test --locked --release --target $WASM --no-default-features --features engine --test web
  say "Testing training from scratch as wasm, in Node"
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner \
    cargo test --locked --release --target $WASM --no-default-features --features scratch --test scratch
}

differential() {
  say "Comparing our numbers with NumPy, scikit-learn, Pillow and ONNX Runtime"
  "$PYTHON" -m unittest discover --start-directory tests/differential
}

# One file at a time: two browsers at once on two cores make each other's timings lie.
browser() {
  scripts/build.sh
  say "Testing in $CHROMIUM"
  node --test --test-concurrency=1 tests/e2e/*.test.mjs
}

for stage in "${@:-native wasm differential browser}"; do
  # shellcheck disable=SC2086 # the default is several stages in one word
  for name in $stage; do "$name"; done
done
