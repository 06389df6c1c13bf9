#!/usr/bin/env bash
# Trains on several ranks of MPI and breaks them in every way that we know of: the same
# bytes as one process, an end in time, errors that name the rank or the step.
#
#   scripts/mpi_check.sh [DIR]     DIR takes what it builds and trains; default: a new one
#
# PARTS names what is done: bytes usr1 killed stopped apart, and of the long ones x1 tiny
# mpich, and slurm, where a Slurm runs with as many CPUs as ranks; BUILT=1 takes the programs that an earlier call has left in DIR.
#
# Needs mpirun and mpicc of Open MPI (Debian: openmpi-bin libopenmpi-dev); where MPICH's
# (mpich libmpich-dev) are there too, MPIs are mixed. As root it runs the ranks as
# nobody. FULL=1 does the long parts too: csnet-x1 at 64x64 and csnet-tiny, 20 steps of
# batch 24 on 1, 2, 3 and 4 ranks of 1 and 2 threads, by shared memory and by TCP; MPICH.
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD
work=${1:-$(mktemp -d)}
mkdir -p "$work"
chmod 755 "$work"

ompi_cc=$(command -v mpicc.openmpi || command -v mpicc)
ompi_run=$(command -v mpirun.openmpi || command -v mpirun)
parts=${PARTS:-bytes usr1 killed stopped apart ${FULL:+x1 tiny mpich}}
if [ -z "${BUILT:-}" ]; then
  CGO_ENABLED=1 CC=$ompi_cc go build -tags mpi -o "$work/csnet" ./cmd/csnet
  # Without a commit, and other bytes: a build that no other one equals.
  CGO_ENABLED=1 CC=$ompi_cc go build -tags mpi -buildvcs=false -ldflags=-s -o "$work/csnet2" ./cmd/csnet
  [[ $parts != *mpich* ]] || CGO_ENABLED=1 CC=mpicc.mpich go build -tags mpi -o "$work/csnet-mpich" ./cmd/csnet
  go run ./scripts/drawset "$work/set" 60 64
fi
cd "$work"
as=()
if [ "$(id -u)" = 0 ]; then
  chown -R nobody "$work"
  as=(runuser -u nobody --)
fi
export HOME=$work
net=(train --config csnet-tiny --data set --set data.size=32 --set data.val_share=0.2 --set train.batch=24 --set train.steps=20 --set train.save_every=1 --set train.log_every=1)

fail() { echo "mpi_check: $*" >&2; exit 1; }
one() { timeout 600 "${as[@]}" ./csnet "$@"; }
ranks() { local n=$1; shift; timeout 600 "${as[@]}" "$ompi_run" ${btl:+--mca pml ob1 --mca btl "$btl"} --oversubscribe --bind-to none -n "$n" "${program:-./csnet}" "$@" --dist mpi; }
same() { cmp "$1/checkpoints/last.safetensors" "$2/checkpoints/last.safetensors" || fail "$2 differs from $1"; }
# wants FILE TEXT: the log FILE of what was run must hold TEXT
wants() { grep -qF -- "$2" "$1" || { tail -20 "$1" >&2; fail "$1 does not hold: $2"; }; }
step_of() { sed -n '$s/.*"step":\([0-9]*\),.*/\1/p' "$1/metrics.jsonl" 2> /dev/null || true; }
# at DIR STEP: waits until the run in DIR has logged STEP
at() { for _ in $(seq 3000); do [ "$(step_of "$1" || true)" -ge "$2" ] 2> /dev/null && return; sleep 0.1; done; fail "$1 never came to step $2"; }
rank_pid() { # of the run with --out $1, rank $2
  local p
  for p in $(pgrep -x csnet); do
    if tr '\0' '\n' < "/proc/$p/cmdline" | grep -qxF "$1" && tr '\0' '\n' < "/proc/$p/environ" | grep -qxE "(OMPI_COMM_WORLD|PMIX)_RANK=$2"; then echo "$p"; return; fi
  done
  fail "no rank $2 of $1"
}

# The run that all others are compared with.
[ -e one/checkpoints/last.safetensors ] || one "${net[@]}" --threads 1 --out one > one.log 2>&1

part_bytes() {
  echo "== bytes"
  ranks 2 "${net[@]}" --threads 1 --out r2 > r2.log 2>&1
  same one r2
  echo "2 ranks, shared memory: equal; $(grep '^exchanged' r2.log)"
  btl=tcp,self ranks 2 "${net[@]}" --threads 2 --out tcp > tcp.log 2>&1
  same one tcp
  echo "2 ranks of 2 threads, TCP: equal; $(grep '^exchanged' tcp.log)"
}

# every CONFIG SIZE: all ranks, threads and ways to talk, against one process. What was
# found equal in DIR before is not done again.
every() {
  local name=$1-$2 n threads way out run=(train --config "$1" --data set --set "data.size=$2" --set data.val_share=0 --set train.batch=24 --set train.steps=20)
  [ -e "$name/checkpoints/last.safetensors" ] || one "${run[@]}" --threads 2 --out "$name" > "$name.log" 2>&1
  for way in vader tcp; do
    for threads in 1 2; do
      for n in 1 2 3 4; do
        out=$name-$way-$n-$threads
        [ ! -e "$out.equal" ] || continue
        rm -rf "$out"
        btl=$way,self ranks "$n" "${run[@]}" --threads "$threads" --out "$out" > "$out.log" 2>&1 || { tail "$out.log" >&2; fail "$out"; }
        same "$name" "$out"
        touch "$out.equal"
      done
    done
    echo "$name: 1, 2, 3, 4 ranks of 1 and 2 threads, btl $way: checkpoints after $(step_of "$out") steps equal"
  done
}
part_x1() { every csnet-x1 64; }
part_tiny() { every csnet-tiny 64; }

part_usr1() {
  echo "== USR1 to the launcher, then on with one process more or less"
  ranks 2 "${net[@]}" --threads 1 --out usr1 > usr1.log 2>&1 & launcher=$!
  at usr1 5
  kill -USR1 "$(ps -o ppid= -p "$(rank_pid usr1 0)" | tr -d ' ')" # mpirun passes it on
  code=0; wait "$launcher" || code=$?
  [ "$code" = 130 ] || { tail usr1.log >&2; fail "USR1: exit $code, must be 130"; }
  "${as[@]}" cp -r usr1 usr1-1
  local saved; saved=$(step_of usr1)
  ranks 3 train --resume --out usr1 --threads 1 > usr1b.log 2>&1
  same one usr1
  one train --resume --out usr1-1 --threads 1 > usr1c.log 2>&1
  same one usr1-1
  echo "saved after step $saved, exit 130, resumed on 3 ranks and on 1: equal"
}

part_killed() {
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
}

part_stopped() {
  echo "== a rank that stops but lives"
  ranks 2 "${net[@]}" --threads 1 --out stopped --dist-timeout 3s > stopped.log 2>&1 & launcher=$!
  at stopped 5
  kill -STOP "$(rank_pid stopped 1)"
  began=$SECONDS code=0; wait "$launcher" || code=$?
  took=$((SECONDS - began))
  [ "$code" = 1 ] && [ "$took" -le 10 ] || fail "stopped: exit $code after $took s"
  wants stopped.log "has waited 3s for the others at step"
  grep -m1 'has waited' stopped.log
  echo "exit 1 after $took s"
}

refused() { # NAME TEXT: the log of a run that must end with a code other than 0 and say TEXT
  [ "$code" != 0 ] || fail "$1: exit 0"
  wants "$1.log" "$2"
  grep -F -m1 -- "$2" "$1.log"
}

part_apart() {
  echo "== what does not belong together"
  cat > slow_first.sh <<'SH'
#!/bin/sh
# The rank that says why gets the least of the processor: the others must wait for it.
[ "$OMPI_COMM_WORLD_RANK" = 0 ] && exec nice -n 19 ./csnet "$@"
exec ./csnet "$@"
SH
  chmod 755 slow_first.sh
  code=0; program=./slow_first.sh ranks 5 "${net[@]}" --out five > five.log 2>&1 || code=$?
  refused five "which 5 ranks cannot share equally"
  code=0; ranks 2 train --config csnet-x1-resize --data set --out resize > resize.log 2>&1 || code=$?
  refused resize "net.dialect is resize, which several ranks (--dist) cannot train"
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
  code=0; program=./two_builds.sh ranks 2 "${net[@]}" --out builds > builds.log 2>&1 || code=$?
  refused builds "csnet is"
  program=./two_levels.sh ranks 2 "${net[@]}" --set train.steps=2 --out levels > levels.log 2>&1
  one "${net[@]}" --set train.steps=2 --cpu plain --out plain > plain.log 2>&1
  same plain levels
  grep -m1 'all compute with' levels.log
  if command -v mpirun.mpich > /dev/null; then
    code=0; timeout 60 "${as[@]}" mpirun.mpich -n 2 ./csnet "${net[@]}" --dist mpi --out mixed > mixed.log 2>&1 || code=$?
    refused mixed "2 processes were launched, but Open MPI"
  fi
}

part_mpich() {
  echo "== MPICH"
  for n in 2 3; do
    timeout 600 "${as[@]}" mpirun.mpich -n "$n" ./csnet-mpich "${net[@]}" --threads 1 --dist mpi --out "mpich$n" > "mpich$n.log" 2>&1
    same one "mpich$n"
  done
  echo "MPICH, 2 and 3 ranks: equal; $(grep -o 'kernels; .*' mpich2.log); $(grep '^exchanged' mpich2.log)"
  code=0; program=./csnet-mpich ranks 2 "${net[@]}" --out mixed2 > mixed2.log 2>&1 || code=$?
  refused mixed2 "2 processes were launched, but MPICH"
}

part_slurm() {
  echo "== srun ($(srun --version))"
  local with=("${as[@]}" srun --mpi=pmix) job code=0
  timeout 600 "${with[@]}" -n 2 -c 1 ./csnet "${net[@]}" --threads 1 --dist mpi --out srun > srun.log 2>&1
  same one srun
  echo "2 ranks: equal; $(grep '^exchanged' srun.log)"
  timeout 600 "${with[@]}" -n 2 -c 1 --job-name csnet-usr1 ./csnet "${net[@]}" --threads 1 --dist mpi --out srun-usr1 > srun-usr1.log 2>&1 & launcher=$!
  at srun-usr1 5
  job=$(squeue -h -n csnet-usr1 -o %i)
  scancel -s USR1 "$job"
  wait "$launcher" || code=$?
  [ "$code" = 130 ] || { tail srun-usr1.log >&2; fail "scancel -s USR1: exit $code, must be 130"; }
  timeout 600 "${with[@]}" --overcommit -n 3 ./csnet train --resume --out srun-usr1 --threads 1 --dist mpi > srun-usr1b.log 2>&1
  same one srun-usr1
  echo "scancel -s USR1: saved, exit 130, resumed on 3 ranks: equal"
  timeout 600 "${with[@]}" -n 2 -c 1 ./csnet "${net[@]}" --threads 1 --dist mpi --out srun-killed > srun-killed.log 2>&1 & launcher=$!
  at srun-killed 5
  kill -9 "$(rank_pid srun-killed 1)"
  began=$SECONDS code=0; wait "$launcher" || code=$?
  took=$((SECONDS - began))
  [ "$code" != 0 ] && [ "$took" -le 10 ] || fail "srun, killed: exit $code after $took s"
  one train --resume --out srun-killed --threads 1 > srun-killedb.log 2>&1
  same one srun-killed
  echo "kill -9 of a rank: srun back after $took s, exit $code; resumed in one process: equal"
  code=0; timeout 60 "${as[@]}" srun --mpi=none -n 2 -c 1 ./csnet "${net[@]}" --dist mpi --out srun-none > srun-none.log 2>&1 || code=$?
  [ "$code" != 0 ] || fail "srun --mpi=none: exit 0"
  echo "srun --mpi=none: exit $code; $(grep -m1 -E 'csnet:|SLURM|PMI' srun-none.log)"
}

for part in $parts; do "part_$part"; done
echo "== all as it must be"
