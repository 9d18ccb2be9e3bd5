#!/usr/bin/env bash
# Trains a twin ($1: supervised or selfsup) and exports it over the one in assets/models. DATA names
# the data set, TEACHER the features to imitate, ARGS goes to the recipe, PROCESSES > 1 to torchrun.

# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

twin=$1
[ -n "${DATA:-}" ] || die "Say where the pictures are: make backbone DATA=folder (see training/README.md)."
venv=$CACHE/training-$(digest <training/requirements.txt)
[ -x "$venv/bin/python" ] || {
  say "Installing PyTorch"
  python3 -m venv "$venv"
  quietly "$venv/bin/pip" install -r training/requirements.txt || { rm -rf "$venv"; die "PyTorch could not be installed."; }
}

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
