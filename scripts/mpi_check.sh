#!/usr/bin/env bash
# Trains on several ranks of MPI and breaks them in every way that we know of: the same
# bytes as one process, an end in time, errors that name the rank or the step.
#
#   scripts/mpi_check.sh [DIR]     DIR takes what it builds and trains; default: a new one
#
# Needs mpirun and mpicc of Open MPI (Debian: openmpi-bin libopenmpi-dev); where MPICH's
# (mpich libmpich-dev) are there too, MPIs are mixed. As root it runs the ranks as
# nobody. FULL=1 runs more ranks, threads and nets.
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD
work=${1:-$(mktemp -d)}
mkdir -p "$work"
chmod 755 "$work"

ompi_cc=$(command -v mpicc.openmpi || command -v mpicc)
ompi_run=$(command -v mpirun.openmpi || command -v mpirun)
CGO_ENABLED=1 CC=$ompi_cc go build -tags mpi -o "$work/csnet" ./cmd/csnet
go run ./scripts/drawset "$work/set" 60 64
cd "$work"
as=()
if [ "$(id -u)" = 0 ]; then
  chown -R nobody "$work"
  as=(runuser -u nobody --)
fi
GOCACHE=$(go env GOCACHE) GOMODCACHE=$(go env GOMODCACHE) # the user's, not those of the ranks' home
export GOCACHE GOMODCACHE HOME=$work
net=(train --config csnet-tiny --data set --set data.size=32 --set data.val_share=0.2 --set train.batch=24 --set train.steps=20 --set train.save_every=1 --set train.log_every=1)

fail() { echo "mpi_check: $*" >&2; exit 1; }
one() { timeout 600 "${as[@]}" ./csnet "$@"; }
ranks() { local n=$1; shift; timeout 600 "${as[@]}" "$ompi_run" --oversubscribe --bind-to none -n "$n" "${program:-./csnet}" "$@" --dist mpi; }
same() { cmp "$1/checkpoints/last.safetensors" "$2/checkpoints/last.safetensors" || fail "$2 differs from $1"; }
# wants FILE TEXT: the log FILE of what was run must hold TEXT
wants() { grep -qF -- "$2" "$1" || { tail -20 "$1" >&2; fail "$1 does not hold: $2"; }; }
step_of() { sed -n '$s/.*"step":\([0-9]*\),.*/\1/p' "$1/metrics.jsonl" 2> /dev/null || true; }
# at DIR STEP: waits until the run in DIR has logged STEP
at() { for _ in $(seq 3000); do [ "$(step_of "$1" || true)" -ge "$2" ] 2> /dev/null && return; sleep 0.1; done; fail "$1 never came to step $2"; }
rank_pid() { # of the run with --out $1, rank $2
  local p
  for p in $(pgrep -x csnet); do
    if tr '\0' '\n' < "/proc/$p/cmdline" | grep -qxF "$1" && tr '\0' '\n' < "/proc/$p/environ" | grep -qx "OMPI_COMM_WORLD_RANK=$2"; then echo "$p"; return; fi
  done
  fail "no rank $2 of $1"
}

echo "== bytes"
one "${net[@]}" --threads 1 --out one > one.log 2>&1
counts="2"
[ "${FULL:-}" ] && counts="2 3 4"
for n in $counts; do
  ranks "$n" "${net[@]}" --threads 1 --out "r$n" > "r$n.log" 2>&1
  same one "r$n"
  echo "$n ranks, shared memory: equal; $(grep '^exchanged' "r$n.log")"
done
timeout 600 "${as[@]}" "$ompi_run" --mca btl tcp,self --oversubscribe --bind-to none -n 2 ./csnet "${net[@]}" --threads 2 --dist mpi --out tcp > tcp.log 2>&1
same one tcp
echo "2 ranks of 2 threads, TCP: equal; $(grep '^exchanged' tcp.log)"

echo "== USR1 to the launcher, then on with one process more or less"
ranks 2 "${net[@]}" --threads 1 --out usr1 > usr1.log 2>&1 & launcher=$!
at usr1 5
kill -USR1 "$(ps -o ppid= -p "$(rank_pid usr1 0)" | tr -d ' ')" # mpirun passes it on
code=0; wait "$launcher" || code=$?
[ "$code" = 130 ] || { tail usr1.log >&2; fail "USR1: exit $code, must be 130"; }
ranks 3 train --resume --out usr1 --threads 1 > usr1b.log 2>&1
same one usr1
echo "saved, exit 130, resumed on 3 ranks: equal"

echo "== kill -9 of a rank"
ranks 2 "${net[@]}" --threads 1 --out killed > killed.log 2>&1 & launcher=$!
at killed 5
kill -9 "$(rank_pid killed 1)"
began=$SECONDS code=0; wait "$launcher" || code=$?
took=$((SECONDS - began))
[ "$code" != 0 ] && [ "$took" -le 10 ] || fail "killed: exit $code after $took s"
one train --resume --out killed --threads 1 > killedb.log 2>&1
same one killed
echo "launcher back after $took s, exit $code; resumed in one process: equal"

echo "== a rank that stops but lives"
ranks 2 "${net[@]}" --threads 1 --out stopped --dist-timeout 3s > stopped.log 2>&1 & launcher=$!
at stopped 5
kill -STOP "$(rank_pid stopped 1)"
began=$SECONDS code=0; wait "$launcher" || code=$?
[ "$code" = 1 ] && [ $((SECONDS - began)) -le 10 ] || fail "stopped: exit $code after $((SECONDS - began)) s"
wants stopped.log "has waited 3s for the others at step"
grep -m1 'has waited' stopped.log

echo "== what does not belong together"
refused() { # NAME TEXT: the log of a run that must end with a code other than 0 and say TEXT
  [ "$code" != 0 ] || fail "$1: exit 0"
  wants "$1.log" "$2"
  grep -mF1 -- "$2" "$1.log" 2> /dev/null || grep -F -m1 -- "$2" "$1.log"
}
code=0; ranks 5 "${net[@]}" --out five > five.log 2>&1 || code=$?
refused five "which 5 ranks cannot share equally"
mkdir -p b && cp -r set b/ && f=$(find b/set -name '*.jpg' -o -name '*.png' | sort | head -1) && cp "$(find b/set -path "*$(basename "$(dirname "$f")")*" -type f | sort | tail -1)" "$f"
chown -R nobody b 2> /dev/null || true
cat > two_sets.sh <<'SH'
#!/bin/sh
[ "$OMPI_COMM_WORLD_RANK" = 1 ] && set -- $(echo "$@" | sed 's|--data set|--data b/set|')
exec ./csnet "$@"
SH
cat > two_builds.sh <<'SH'
#!/bin/sh
[ "$OMPI_COMM_WORLD_RANK" = 1 ] && exec ./csnet2 "$@"
exec ./csnet "$@"
SH
cat > two_levels.sh <<'SH'
#!/bin/sh
[ "$OMPI_COMM_WORLD_RANK" = 1 ] && exec ./csnet "$@" --cpu plain
exec ./csnet "$@"
SH
chmod 755 ./*.sh
code=0; program=./two_sets.sh ranks 2 "${net[@]}" --out sets > sets.log 2>&1 || code=$?
refused sets "the SHA-256 of photos and masks is"
# Without a commit, and other bytes: a build that no other one equals.
(cd "$top" && CGO_ENABLED=1 CC=$ompi_cc go build -tags mpi -buildvcs=false -ldflags=-s -o "$work/csnet2" ./cmd/csnet)
code=0; program=./two_builds.sh ranks 2 "${net[@]}" --out builds > builds.log 2>&1 || code=$?
refused builds "csnet is"
program=./two_levels.sh ranks 2 "${net[@]}" --set train.steps=2 --out levels > levels.log 2>&1
one "${net[@]}" --set train.steps=2 --cpu plain --out plain > plain.log 2>&1
cmp levels/checkpoints/last.safetensors plain/checkpoints/last.safetensors || fail "two levels: not the bytes of the lower"
grep -m1 'all compute with' levels.log || true
if command -v mpirun.mpich > /dev/null; then
  code=0; timeout 60 "${as[@]}" mpirun.mpich -n 2 ./csnet "${net[@]}" --dist mpi --out mixed > mixed.log 2>&1 || code=$?
  refused mixed "2 processes were launched, but"
fi
echo "== all as it must be"
