# shellcheck shell=bash
# What every script here shares: strict mode, the project folder, a calm voice, one cache for all
# clones, and a way to install Debian packages where that is possible. Source it, do not run it.
# It keeps to bash 3.2, which is what macOS has.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck disable=SC2034 # used by the scripts that source this
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/fieldtest
# shellcheck disable=SC2034
TARGET=${CARGO_TARGET_DIR:-target}

say() { printf '==> %s\n' "$*"; }
die() {
  printf '\nfieldtest: %s\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Processors here.
cores() { getconf _NPROCESSORS_ONLN; }

# A short name for the content on standard input. git is the one hash tool every machine here has.
digest() { git hash-object --stdin | cut -c1-12; }

# Runs a command, hides what it prints unless it fails.
quietly() {
  local log
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
  else
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
}

# Installs Debian packages as root or by sudo without a question; fails where neither is possible.
apt_install() {
  have apt-get || return 1
  local run=env
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || return 1
    run="sudo -n env"
  fi
  local get="$run DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends --no-remove"
  say "Installing with apt: $*"
  # shellcheck disable=SC2086 # the command is words on purpose
  quietly $get install "$@" 2>/dev/null || { quietly $get update && quietly $get install "$@"; }
}
