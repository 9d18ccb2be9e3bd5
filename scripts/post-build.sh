#!/usr/bin/env bash
# Called by Trunk when everything is in its staging folder, before that becomes dist/. Trunk runs the hooks of a
# stage side by side, so what must happen in order is here.

set -euo pipefail
scripts/scratch.sh
scripts/shrink-engine.sh
scripts/place-chunks.sh
node scripts/state-sizes.mjs "$TRUNK_STAGING_DIR"
node scripts/pack-models.mjs "$TRUNK_STAGING_DIR"
node scripts/offline.mjs "$TRUNK_STAGING_DIR"
# What is published, not what is looked at here: it takes half a minute.
[ -n "${QUICK:-}" ] || node scripts/compress.mjs "$TRUNK_STAGING_DIR"
