# Drawn nets: trained, killed and resumed, pruned, exported, imported and scored.
# shellcheck shell=bash
./attack specs --csnet "$csnet" --set set --seed "$seed" --n "${CAMPAIGN_SPECS:-100}" || failed=$((failed + $?))
row 'drawn nets: train, resume, check, prune, export, import, eval, predict' "${CAMPAIGN_SPECS:-100}"
