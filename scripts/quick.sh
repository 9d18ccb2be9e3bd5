# shellcheck shell=bash
# Builds of the site that are quick to make, for $QUICK; nothing without it. Source it where cargo builds for wasm32.
#
# * QUICK=1, for whoever edits and looks: little is optimised, and only what changed is compiled.
# * QUICK=tests, what the tests look at: all parts, what computes compiled as it is published, but nothing optimised
#   across crates, for size or by wasm-opt, which takes most of the time and changes nothing that a test can see.
#
# Never publish or measure either.

case ${QUICK:-} in
1)
  export CARGO_PROFILE_RELEASE_INCREMENTAL=true CARGO_PROFILE_SIZE_INCREMENTAL=true
  ;;
'' | tests) ;;
*) die "QUICK may be 1 or tests, not $QUICK." ;;
esac

if [ -n "${QUICK:-}" ]; then
  export CARGO_PROFILE_SIZE_OPT_LEVEL=1
  for profile in RELEASE SIZE; do
    export "CARGO_PROFILE_${profile}_LTO=off" "CARGO_PROFILE_${profile}_CODEGEN_UNITS=16"
  done
  # Within a crate all the same, where what computes is: its kernels are a fifth as fast without.
  [ "$QUICK" = 1 ] || export CARGO_PROFILE_RELEASE_LTO=false
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
