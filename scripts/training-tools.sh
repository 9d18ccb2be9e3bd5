# shellcheck shell=bash
# Puts the Python the recipes in training/ run in into PYTHON, installing it where it is missing. Source it.

# shellcheck source=scripts/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

venv=$CACHE/training-$(digest <training/requirements.txt)
[ -x "$venv/bin/python" ] || {
  say "Installing PyTorch" >&2
  python3 -m venv "$venv"
  quietly "$venv/bin/pip" install -r training/requirements.txt || { rm -rf "$venv"; die "PyTorch could not be installed."; }
}
PYTHON=$venv/bin/python
