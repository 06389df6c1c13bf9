# Hostile photos, masks, checkpoints, pickles, configs, logs, manifests and flags; it
# prints a table of its own.
# shellcheck shell=bash
./attack inputs --csnet "$csnet" --set set --run ref --seed "$seed" --n "${CAMPAIGN_INPUTS:-1200}" || failed=$((failed + $?))
