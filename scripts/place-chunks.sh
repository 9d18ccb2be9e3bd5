#!/usr/bin/env bash
# Called by scripts/post-build.sh: puts what scripts/split/wasm-bindgen cut off beside what it was cut off from, and has
# them find each other. The page's files have names that change with the build, so its chunks have them too.

set -euo pipefail

cd "$TRUNK_STAGING_DIR"
page=$(basename app-*.js .js)
cd - >/dev/null

# The chunks of module $1 beside $2.js; the rest are options of wasm-opt.
place() {
  local chunks=${CARGO_TARGET_DIR:-target}/chunks/$1 beside=$2 script=$TRUNK_STAGING_DIR/$2.js file name
  shift 2
  sed "s|from \"\./[a-z-]*\.js\"|from \"./$beside.js\"|; s|\"\./\(split_\)*\([a-z_0-9]*\)\.wasm\"|\"./$beside-\2.wasm\"|g" \
    "$chunks/__wasm_split.js" >"$TRUNK_STAGING_DIR/$beside-chunks.js"
  sed "s|from \"\./__wasm_split\.js\"|from \"./$beside-chunks.js\"|" "$script" >"$script.new"
  mv "$script.new" "$script"
  for file in "$chunks"/split_*.wasm "$chunks"/chunk_*.wasm; do
    [ -f "$file" ] || continue
    name=$(basename "$file" .wasm)
    wasm-opt "$@" --enable-simd --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
      --enable-mutable-globals --enable-reference-types --enable-multivalue "$file" \
      --output="$TRUNK_STAGING_DIR/$beside-${name#split_}.wasm"
  done
}

# As the module itself: the page for size, of the engine (scripts/shrink-engine.sh) only what is quick.
place app "$page" -Oz
quick=(-O0 --duplicate-function-elimination --remove-unused-module-elements --reorder-functions)
place engine engine "${quick[@]}"
if [ "${QUICK:-}" = 1 ]; then
  # The second engine is a copy of the first.
  place engine engine-relaxed "${quick[@]}"
else
  place engine-relaxed engine-relaxed --enable-relaxed-simd "${quick[@]}"
fi
