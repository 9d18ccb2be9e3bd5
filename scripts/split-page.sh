#!/usr/bin/env bash
# Called by scripts/post-build.sh: puts the page's chunks (scripts/split/wasm-bindgen) beside it, under names that
# change with the build as its own do, and has all of them find each other.

set -euo pipefail

chunks=${CARGO_TARGET_DIR:-target}/chunks
page=$(basename "$TRUNK_STAGING_DIR"/app-*.js .js)
hash=${page#app-}
sed "s|\./app\.js|./$page.js|g; s|\(\"\./[a-z_0-9]*\)\.wasm|\1-$hash.wasm|g" "$chunks/__wasm_split.js" \
  >"$TRUNK_STAGING_DIR/chunks-$hash.js"
sed -i.before "s|from \"\./__wasm_split\.js\"|from \"./chunks-$hash.js\"|" "$TRUNK_STAGING_DIR/$page.js"
rm "$TRUNK_STAGING_DIR/$page.js.before"
for file in "$chunks"/*.wasm; do
  name=$(basename "$file" .wasm)
  [ "$name" != app ] || continue
  wasm-opt -Oz --enable-simd --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
    --enable-mutable-globals --enable-reference-types --enable-multivalue "$file" \
    --output="$TRUNK_STAGING_DIR/$name-$hash.wasm"
done
