# shellcheck shell=bash
# Puts what the tests need beside the build's tools into the environment: clippy and rustfmt, a
# Python with the libraries our numbers are compared with (PYTHON), and a Chromium (CHROMIUM; set it
# to use another one). Source it.

# shellcheck source=scripts/tools.sh
. "${BASH_SOURCE[0]%/*}/tools.sh"

for component in clippy rustfmt; do
  cargo "${component/rust/}" --version >/dev/null 2>&1 || rustup component add $component
done

need_python
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  die "The tests need Python 3.11 or newer as python3; this is $(python3 --version)."
# Wants the OpenCV that opens windows; the one in the requirements does what it needs without.
ALONE=imagecorruptions==1.1.2
venv=$CACHE/venv-$({ python3 --version && cat tests/python-requirements.txt && echo $ALONE; } | digest)
[ -x "$venv/bin/python" ] || {
  say "Installing the Python libraries to compare with"
  python_env "$venv" -r tests/python-requirements.txt
  quietly "$venv/bin/pip" install --no-deps $ALONE || {
    rm -rf "$venv"
    die "pip could not install: $ALONE"
  }
}
export PYTHON=$venv/bin/python

find_chromium() {
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
    /Applications/Chromium.app/Contents/MacOS/Chromium; do
    command -v "$name" && return
  done
}
if [ -z "${CHROMIUM:-}" ]; then
  CHROMIUM=$(find_chromium) || {
    apt_install chromium || die "Chromium is missing: install it or Chrome, or set CHROMIUM to one, and run this again."
    CHROMIUM=$(find_chromium)
  }
fi
export CHROMIUM
