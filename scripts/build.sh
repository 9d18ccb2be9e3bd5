#!/usr/bin/env bash
# Builds the site into dist/: the page and the engine by Trunk, in release. Does nothing when no
# input has changed since the last build, because wasm-opt would take its time again. With $QUICK it
# is quicker: scripts/quick.sh.

# shellcheck source=scripts/tools.sh
. "$(dirname "$0")/tools.sh"

# shellcheck source=scripts/quick.sh
. "$(dirname "$0")/quick.sh"

# Where it goes: what the tests look at must not be taken for what is published.
dist=dist
[ "${QUICK:-}" != tests ] || dist=$TARGET/dist-for-tests

files=$(find src assets .cargo build.rs Cargo.toml Cargo.lock Trunk.toml index.html package-lock.json \
  scripts/post-build.sh scripts/scratch.sh scripts/shrink-engine.sh scripts/split scripts/place-chunks.sh \
  scripts/state-sizes.mjs scripts/pack-models.mjs scripts/offline.mjs scripts/compress.mjs -type f | LC_ALL=C sort)
inputs=$({
  rustc -vV
  [ -z "${QUICK:-}" ] || echo "$QUICK" | cat - scripts/quick.sh
  echo "$files"
  echo "$files" | tr '\n' '\0' | xargs -0 cat
} | digest)
stamp=$TARGET/${dist##*/}.inputs
if [ -f "$dist/index.html" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$inputs" ]; then
  say "$dist/ is up to date"
  exit
fi

say "Building the page and the engine (release)"
cargo fetch --locked --quiet
# Trunk knows no splitting: it finds scripts/split/wasm-bindgen.
WASM_BINDGEN=$(command -v wasm-bindgen)
export WASM_BINDGEN PATH="$PWD/scripts/split:$PATH"
# Offline, so that Trunk takes the tools found above and never downloads any.
trunk build --release --offline --locked --dist "$dist"
mkdir -p "$TARGET"
echo "$inputs" >"$stamp"
say "Built $dist/, a static site for any host and any folder"
