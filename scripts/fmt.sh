#!/usr/bin/env bash
# Formats the Rust sources with the rustfmt that `make lint` checks with.

# shellcheck source=scripts/test-tools.sh
. "$(dirname "$0")/test-tools.sh"
cargo fmt
