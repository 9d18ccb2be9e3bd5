#!/usr/bin/env bash
# Trains a twin ($1: supervised or selfsup) or the word model (words) and exports it over the one in assets/models. DATA names
# the data set, TEACHER the features to imitate, ARGS goes to the recipe, PROCESSES > 1 to torchrun.

twin=$1
# shellcheck source=scripts/training-tools.sh
. "$(dirname "$0")/training-tools.sh"

[ -n "${DATA:-}" ] || die "Say where the data are: make backbone DATA=folder (see training/README.md)."

if [ "$twin" = words ]; then
  cache=training/cache/words.npz
  mkdir -p training/cache
  [ -e $cache ] || "$PYTHON" training/words/text.py --out $cache \
    --train "$DATA/classic-books-train.txt.gz" --val "$DATA/classic-books-val.txt.gz"
  # shellcheck disable=SC2086 # words on purpose
  "$PYTHON" training/words/train.py --data $cache ${ARGS:-}
  "$PYTHON" training/words/export.py --data $cache --checkpoint training/runs/words/checkpoint.pt
  exec "$PYTHON" training/words/evaluate.py --text "$DATA"
fi

run=("$PYTHON")
[ "${PROCESSES:-1}" -gt 1 ] && run=("${PYTHON%python}torchrun" --nproc-per-node "$PROCESSES")
arguments=(--data "$DATA" --out "training/runs/$twin")
[ "$twin" = supervised ] && [ -n "${TEACHER:-}" ] && arguments+=(--teacher "$TEACHER")
# shellcheck disable=SC2206 # words on purpose
arguments+=(${ARGS:-})
"${run[@]}" "training/$twin.py" "${arguments[@]}"

export_to=(--checkpoint "training/runs/$twin/checkpoint.pt" --out "assets/models/backbone-$twin.onnx")
[ "$twin" = supervised ] && export_to+=(--classifier training/classifiers/supervised.npz)
"$PYTHON" training/export.py "${export_to[@]}"
