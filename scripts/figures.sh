#!/usr/bin/env bash
# Collects the figures the project states about itself. Each producer prints `name value unit`
# lines among whatever else it says; they are printed sorted and kept in target/figures.txt.
# To add figures, add a line to the list.

# shellcheck source=scripts/test-tools.sh
. "$(dirname "$0")/test-tools.sh"

scripts/build.sh

producers="\
node scripts/sizes.mjs
node benches/browser/run.mjs
node benches/browser/models.mjs
node benches/browser/load.mjs
node benches/browser/shift.mjs
node benches/browser/shrink.mjs
node tests/e2e/figures.mjs
$PYTHON tests/differential/test_integers.py figures
$PYTHON tests/differential/test_quantize.py figures
cargo run --quiet --locked --features engine --example false_alarms
cargo run --quiet --locked --features engine --example links
scripts/evaluate.sh"

all=$(mktemp)
trap 'rm -f "$all"' EXIT
echo "$producers" | while read -r producer; do
  say "Measuring: $producer"
  $producer </dev/null | grep -E '^[a-z0-9_.]+ -?[0-9][0-9.e+-]* [^ ]+$' | tee -a "$all"
done
mkdir -p "$TARGET"
say "All figures, also in $TARGET/figures.txt"
LC_ALL=C sort "$all" | tee "$TARGET/figures.txt"
