#!/usr/bin/env bash
# Debian packages the sources of Rust's standard library, but not its build for
# wasm32-unknown-unknown. This builds it once per compiler version, into a sysroot in the cache, and
# prints where that is. With it the Debian compiler is an ordinary stable toolchain: no build-std in
# each build, and clippy and `cargo test` work as they do with rustup. Run by scripts/toolchain.sh.

# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

cache=$1
target=wasm32-unknown-unknown
sysroot=$cache/wasm-std-$(/usr/bin/rustc -vV | digest)
libs=lib/rustlib/$target/lib

if ! [ -d "$sysroot" ]; then
  say "Building the wasm32 standard library (a minute or two, once)" >&2
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/src" && touch "$work/src/lib.rs"
  printf '[package]\nname = "nothing"\nedition = "2021"\n' >"$work/Cargo.toml"
  # Bitcode, because the page and the engine are linked with LTO; `test`, for `cargo test`.
  (
    cd "$work"
    env -u CARGO_TARGET_DIR RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc RUSTFLAGS=-Cembed-bitcode=yes \
      /usr/bin/cargo build --quiet --release --target $target -Zbuild-std=std,panic_abort,test
  ) >&2
  rm -f "$work/target/$target/release/deps/libnothing"*
  mkdir -p "$sysroot.$$/$libs"
  cp "$work/target/$target/release/deps/"*.rlib "$sysroot.$$/$libs/"
  # Another clone may have finished first; its result is as good as this one.
  mv -T "$sysroot.$$" "$sysroot" 2>/dev/null || rm -rf "$sysroot.$$"
fi
echo "$sysroot"
