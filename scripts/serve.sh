#!/usr/bin/env bash
# Serves dist/ on localhost with the Node the tools bring. PORT chooses another first port to try.

# shellcheck source=scripts/tools.sh
. "$(dirname "$0")/tools.sh"
exec node scripts/serve.mjs --port "${PORT:-8080}"
