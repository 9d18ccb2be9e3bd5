#!/usr/bin/env bash
# Runs the tests: all stages, or those named as arguments (native, wasm, differential, browser).

# shellcheck source=scripts/test-tools.sh
. "$(dirname "$0")/test-tools.sh"

# The site is built to be looked at, not to be published: a fraction of the time.
export QUICK=tests
# shellcheck source=scripts/quick.sh
. "$(dirname "$0")/quick.sh"

native() {
  say "Testing natively"
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --locked --features engine
  else
    cargo test --locked --features engine --quiet
  fi
}

# The same numbers must come out of the wasm kernels. Release, to share the site's dependencies.
wasm() {
  say "Testing the engine as wasm, in Node"
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner \
    cargo test --locked --release --target $WASM --no-default-features --features engine --test web
  say "Testing training from scratch as wasm, in Node"
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner \
    cargo test --locked --release --target $WASM --no-default-features --features scratch --test scratch
}

# Several files at a time: they are about numbers, not about time. The two that take longest begin.
differential() {
  say "Comparing our numbers with NumPy, scikit-learn, Pillow and ONNX Runtime"
  cargo build --quiet --locked --features engine --bin fieldtest --example oracle
  local target
  target=$(cd "$TARGET" && pwd)
  export FIELDTEST=$target/debug/fieldtest ORACLE=$target/debug/examples/oracle
  (
    cd tests/differential
    # shellcheck disable=SC2046 # names of modules
    printf '%s\n' test_quantize test_integers $(basename -s .py test_*.py) | awk '!seen[$0]++' |
      xargs -n 1 -P "$(cores)" "$PYTHON" -m unittest --quiet
  )
}

# As many browsers as cores; those that look at the clock have the machine to themselves. DIST: what is published.
browser() {
  if [ -n "${DIST:-}" ]; then
    unset QUICK
  else
    scripts/build.sh
    export DIST=$TARGET/dist-for-tests
  fi
  say "Testing $DIST in $CHROMIUM"
  local file together=() alone=()
  for file in tests/e2e/*.test.mjs; do
    case ${file##*/} in
    smooth.* | engine.*) alone+=("$file") ;;
    *) together+=("$file") ;;
    esac
  done
  node --test --test-concurrency="$(cores)" "${together[@]}"
  node --test --test-concurrency=1 "${alone[@]}"
}

for stage in "${@:-native wasm differential browser}"; do
  # shellcheck disable=SC2086 # the default is several stages in one word
  for name in $stage; do "$name"; done
done
