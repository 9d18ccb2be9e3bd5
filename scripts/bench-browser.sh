#!/usr/bin/env bash
# Runs our engine beside the others in one page. Needs the real release build, which it makes.

# shellcheck source=scripts/test-tools.sh
. "$(dirname "$0")/test-tools.sh"

scripts/build.sh
node benches/browser/models.mjs "$@"
