#!/usr/bin/env bash
# Builds the site into dist/: the page and the engine by Trunk, in release. Does nothing when no
# input has changed since the last build, because wasm-opt would take its time again.

# shellcheck source=scripts/tools.sh
. "$(dirname "$0")/tools.sh"

files=$(find src assets .cargo Cargo.toml Cargo.lock Trunk.toml index.html package-lock.json \
  scripts/shrink-engine.sh -type f | LC_ALL=C sort)
inputs=$({
  rustc -vV
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
