#!/usr/bin/env bash
# Called by Trunk when everything is in its staging folder, before that becomes dist/. Trunk runs the hooks of a
# stage side by side, so what must happen in order is here.

set -euo pipefail
scripts/split-page.sh
scripts/scratch.sh
scripts/shrink-engine.sh
node scripts/offline.mjs "$TRUNK_STAGING_DIR"
