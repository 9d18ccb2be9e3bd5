#!/usr/bin/env bash
# Builds the site into dist/: the page and the engine by Trunk, in release. Does nothing when no
# input has changed since the last build, because wasm-opt would take its time again.

# shellcheck source=scripts/tools.sh
. "$(dirname "$0")/tools.sh"

# QUICK=1 is for whoever edits and looks: builds in seconds what is larger and slower. Never publish or measure it.
if [ -n "${QUICK:-}" ]; then
  for profile in RELEASE SIZE; do
    export "CARGO_PROFILE_${profile}_LTO=off" "CARGO_PROFILE_${profile}_CODEGEN_UNITS=16" \
      "CARGO_PROFILE_${profile}_INCREMENTAL=true"
  done
  export CARGO_PROFILE_SIZE_OPT_LEVEL=1
  # Trunk always calls wasm-opt for a release; this one only copies.
  mkdir -p "$TARGET/quick"
  cat >"$TARGET/quick/wasm-opt" <<'COPY'
#!/bin/sh
[ "$1" != --version ] || exec echo "wasm-opt version 132 (version_132)"
for word; do
  case $word in --output=*) to=${word#--output=} ;; *.wasm) from=$word ;; esac
done
cp "$from" "$to"
COPY
  chmod +x "$TARGET/quick/wasm-opt"
  PATH=$(cd "$TARGET/quick" && pwd):$PATH
fi

files=$(find src assets .cargo build.rs Cargo.toml Cargo.lock Trunk.toml index.html package-lock.json \
  scripts/post-build.sh scripts/scratch.sh scripts/shrink-engine.sh scripts/offline.mjs -type f | LC_ALL=C sort)
inputs=$({
  rustc -vV
  echo "${QUICK:-}"
  echo "$files"
  echo "$files" | tr '\n' '\0' | xargs -0 cat
} | digest)
stamp=$TARGET/dist.inputs
if [ -f dist/index.html ] && [ "$(cat "$stamp" 2>/dev/null)" = "$inputs" ]; then
  say "dist/ is up to date"
  exit
fi

say "Building the page and the engine (release)"
cargo fetch --locked --quiet
# Offline, so that Trunk takes the tools found above and never downloads any.
trunk build --release --offline --locked
mkdir -p "$TARGET"
echo "$inputs" >"$stamp"
say "Built dist/, a static site for any host and any folder"
