#!/usr/bin/env bash
# Trains a twin ($1: supervised or selfsup) or the word model (words) and exports it over the one in assets/models. DATA names
# the data set, TEACHER the features to imitate, ARGS goes to the recipe, PROCESSES > 1 to torchrun.

# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

twin=$1
[ -n "${DATA:-}" ] || die "Say where the data are: make backbone DATA=folder (see training/README.md)."
venv=$CACHE/training-$(digest <training/requirements.txt)
[ -x "$venv/bin/python" ] || {
  say "Installing PyTorch"
  python3 -m venv "$venv"
  quietly "$venv/bin/pip" install -r training/requirements.txt || { rm -rf "$venv"; die "PyTorch could not be installed."; }
}

if [ "$twin" = words ]; then
  cache=training/cache/words.npz
  mkdir -p training/cache
  [ -e $cache ] || "$venv/bin/python" training/words/text.py --out $cache \
    --train "$DATA/classic-books-train.txt.gz" --val "$DATA/classic-books-val.txt.gz"
  # shellcheck disable=SC2086 # words on purpose
  "$venv/bin/python" training/words/train.py --data $cache ${ARGS:-}
  "$venv/bin/python" training/words/export.py --data $cache --checkpoint training/runs/words/checkpoint.pt
  exec "$venv/bin/python" training/words/evaluate.py --text "$DATA"
fi

run=("$venv/bin/python")
[ "${PROCESSES:-1}" -gt 1 ] && run=("$venv/bin/torchrun" --nproc-per-node "$PROCESSES")
arguments=(--data "$DATA" --out "training/runs/$twin")
[ "$twin" = supervised ] && [ -n "${TEACHER:-}" ] && arguments+=(--teacher "$TEACHER")
# shellcheck disable=SC2206 # words on purpose
arguments+=(${ARGS:-})
"${run[@]}" "training/$twin.py" "${arguments[@]}"

export_to=(--checkpoint "training/runs/$twin/checkpoint.pt" --out "assets/models/backbone-$twin.onnx")
[ "$twin" = supervised ] && export_to+=(--classifier training/classifiers/supervised.npz)
"$venv/bin/python" training/export.py "${export_to[@]}"
