#!/usr/bin/env bash
# Attacks csnet and counts what holds: kill -9 at random moments and at every write,
# signals, "no space left" at every write and on file systems that are full, hostile
# files and flags of every kind, drawn nets, threads. Prints a table; exits 1 when
# anything was lost, half-written, left over, or silently wrong. A whole pass takes
# about half an hour of one core that does nothing else. Needs bash, coreutils 8.31 and
# go; root for the part disk, which mounts small file systems; strace for nosync.
#
# Settings, from the environment:
#   CAMPAIGN_PARTS    which parts, in order (default: all of scripts/campaign)
#   CAMPAIGN_KILLS    kills at random moments of training (default 300)
#   CAMPAIGN_SHORT    kills at random moments of each command that writes (40)
#   CAMPAIGN_SIGNALS  INT, TERM and HUP at random moments (200)
#   CAMPAIGN_INPUTS   hostile files and flags (1200)
#   CAMPAIGN_SPECS    drawn nets, each trained, pruned, exported and scored (100)
#   CAMPAIGN_EVERY    take every n-th point of a write alone (1),
#   CAMPAIGN_FIRST    beginning with this one (1)
#   CAMPAIGN_SEED     of what is drawn (1)
#   CAMPAIGN_BUILD    folder of the programs; those that are there are not built anew,
#                     so that several parts can be run side by side
#   CSNET_ATTACK_PTH  a PyTorch checkpoint for the part inputs to damage (default:
#                     pickles that it draws)
set -euo pipefail
main() { # read whole before it begins: this file may change while it runs
  cd "$(dirname "$0")/.."
  seed=${CAMPAIGN_SEED:-1}
  every=${CAMPAIGN_EVERY:-1}
  first=${CAMPAIGN_FIRST:-1}
  work=$(mktemp -d)
  trap 'umount "$work/small" 2> /dev/null || true; rm -rf "$work"' EXIT
  cp -r scripts/campaign "$work/parts" # the tree may change while this runs
  bin=${CAMPAIGN_BUILD:-$work/bin}
  mkdir -p "$bin"
  [ -e "$bin/csnet" ] || go build -o "$bin/csnet" ./cmd/csnet
  [ -e "$bin/attacked" ] || go build -tags campaign -o "$bin/attacked" ./cmd/csnet
  [ -e "$bin/drawset" ] || go build -o "$bin/drawset" ./scripts/drawset
  [ -e "$bin/attack" ] || go build -o "$bin/attack" ./scripts/attack
  cp "$bin"/{csnet,attacked,drawset,attack} "$work"
  csnet=$work/csnet
  attacked=$work/attacked
  RANDOM=$seed
  cd "$work"
  ./drawset set 8 32 1 > /dev/null

  # shellcheck source=scripts/campaign/lib.sh
  . parts/lib.sh

  printf '| attack | trials | wrong |\n| --- | --- | --- |\n'
  for part in ${CAMPAIGN_PARTS:-kills signals points full commands folders disk nosync specs threads inputs}; do
    before=$failed
    # shellcheck source=/dev/null
    . "parts/$part.sh"
  done
  printf '\n%d wrong\n' "$failed"
  [ "$failed" = 0 ]
}
main
exit
