# shellcheck shell=bash
# Puts a Rust that builds for this machine and for wasm32 into the environment. Source it.
#
# The ordinary way is rustup. Where rustup is missing, or cannot fetch the wasm32 standard library,
# Debian's web toolchain (rustc-web) takes its place for everything, with a wasm32 standard library
# built once from Debian's sources by scripts/wasm-std.sh. Either way `cargo` then behaves the same.

# shellcheck source=scripts/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

WASM=wasm32-unknown-unknown

# rustup may be installed without the shell knowing it yet.
export PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"

has_wasm_std() {
  local libs
  libs=$(rustc --print target-libdir --target "$WASM" 2>/dev/null) && compgen -G "$libs/libstd-*.rlib" >/dev/null
}

# Asks rustup for the wasm32 standard library, for two minutes at most (macOS has no `timeout`).
rustup_adds_wasm() {
  have rustup || return 1
  say "Adding the wasm32 standard library with rustup"
  perl -e 'alarm shift; exec @ARGV' 120 rustup target add "$WASM" || return 1
  has_wasm_std
}

use_debian_rust() {
  local bin=$CACHE/debian-rust/bin tool linker sysroot
  if ! [ -x "$bin/cargo" ]; then
    say "rustup cannot provide wasm32 here: using Debian's web toolchain instead"
    apt_install rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web gcc libc6-dev git ||
      die "Rust for wasm32 is missing. Install rustup (https://rustup.rs), or, on Debian, as root:
    apt-get install rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web lld-<its LLVM version>
  and run this again."
  fi
  linker=wasm-ld-$(/usr/bin/rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
  have "$linker" || apt_install "lld-${linker#wasm-ld-}" || die "$linker is missing: install lld-${linker#wasm-ld-}."
  sysroot=$(scripts/wasm-std.sh "$CACHE")
  mkdir -p "$bin"
  for tool in rustc rustdoc clippy-driver cargo-clippy rustfmt cargo-fmt cargo; do
    ln -sf "/usr/bin/$tool" "$bin/$tool"
  done
  export PATH="$bin:$PATH"
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$linker
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--sysroot $sysroot"
}

# The last line tried is remembered by the links it made, so that later runs start at once.
if ! has_wasm_std; then
  if [ -x "$CACHE/debian-rust/bin/cargo" ] || ! rustup_adds_wasm; then
    use_debian_rust
  fi
fi
