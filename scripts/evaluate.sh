#!/usr/bin/env bash
# Measures the models of assets/models/ where the data they are measured on are at hand: DATA is a folder with
# tiny-imagenet-64/, cifar10-few/ and text/. Prints `name value unit` lines; nothing where there are no data.

set -euo pipefail
DATA=$(cd "${DATA:-$(dirname "$0")/../../shared/data}" 2>/dev/null && pwd) || exit 0

# shellcheck source=scripts/training-tools.sh
. "$(dirname "$0")/training-tools.sh"

if [ -d "$DATA/tiny-imagenet-64" ]; then
  random=$(mktemp --suffix=.onnx)
  trap 'rm -f "$random"' EXIT
  echo "{\"ask\":\"randomtwin\",\"out\":\"$random\"}" | cargo run --quiet --locked --features engine --example oracle
  few=()
  [ ! -d "$DATA/cifar10-few" ] || few=(--few "$DATA/cifar10-few/images.zip")
  "$PYTHON" training/evaluate.py --data "$DATA/tiny-imagenet-64" ${few[@]+"${few[@]}"} --random "$random"
fi
[ ! -d "$DATA/text" ] || "$PYTHON" training/words/evaluate.py --text "$DATA/text"
