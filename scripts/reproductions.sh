#!/usr/bin/env bash
# Runs the nineteen failures of docs/reliability.md with a program and says what comes of
# each, a line a failure: once with the build of commit 709413e, which had them all, and
# once with that of today.
#
#   scripts/reproductions.sh CSNET DRAWSET [NUMBER...]
#
# DRAWSET is a build of scripts/drawset. Needs bash, coreutils, strace, GNU time, ImageMagick and Python.
set -uo pipefail
csnet=$(realpath "$1")
drawset=$(realpath "$2")
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$drawset" set 24 48 1 > /dev/null
"$drawset" second9 12 48 2 > /dev/null
cat > t.yaml << 'END'
net: {width: 0.25}
data: {size: 32, val_share: 0.2}
optim: {lr: 2.0e-3, schedule: {kind: cosine, warmup_steps: 5, final: 0.01}}
train: {batch: 4, steps: 40, save_every: 4, log_every: 6}
eval: {size: 64}
END
run=(train --config t.yaml --data set)
said() { { grep '^csnet: ' log || tail -n 1 log; } | head -1 | cut -c 1-200; }
quietly() { "$csnet" "$@" > out 2> log; }
whole() { [ -e whole ] || quietly "${run[@]}" --out whole; }
X=whole/checkpoints/last.safetensors
# stopped DIR STEP: a run that was interrupted after the log's line of that step.
stopped() {
  rm -rf "$1"
  "$csnet" "${run[@]}" --out "$1" > /dev/null 2> log &
  until grep -q "\"step\":$2," "$1/metrics.jsonl" 2> /dev/null || ! kill -0 $! 2> /dev/null; do sleep .02; done
  kill -INT $! 2> /dev/null
  wait $! 2> /dev/null
}
equal() { if cmp -s "$1" "$2"; then echo "the same"; else echo "another"; fi; }

n1() { cp $X a.safetensors; quietly prune --checkpoint a.safetensors --ratio .2 --out ./a.safetensors; echo "exit $?, a.safetensors is $(equal $X a.safetensors) file: $(said)"; }
n2() {
  cp -r set set01
  for f in set01/GT/*.png; do convert "$f" -threshold 50% -evaluate divide 255 -depth 8 -define png:bit-depth=8 -define png:color-type=0 "$f"; done
  quietly eval --checkpoint $X --data set01; echo "exit $?: $(grep -oE '0\.[0-9]{4}|1\.0000' out | head -2 | tr '\n' ' ')(masks of 0 to 255: $("$csnet" eval --checkpoint $X --data set 2> /dev/null | grep -oE '0\.[0-9]{4}|1\.0000' | head -2 | tr '\n' ' '))"
}
n3() { stopped k 30; rm -f k/metrics.jsonl; quietly train --resume --out k; echo "exit $?, best is $(equal whole/checkpoints/best.safetensors k/checkpoints/best.safetensors) as that of a run with its log"; }
n4() { cp -r whole k; sed -i 's/^  lr: .*/  lr: 0.5/' k/config.yaml; quietly train --resume --out k --set train.steps=44; echo "exit $?: $(said)"; }
n5() { cp -r whole k; quietly train --resume --out k --set train.steps=44 --val set; echo "exit $?: $(said)"; }
n6() {
  stopped k 12
  cp -r k l
  GODEBUG=cpu.avx512f=off "$csnet" train --resume --out k > out 2> log; a=$?
  "$csnet" train --resume --out l > /dev/null 2>&1
  echo "exit $a, last is $(equal k/checkpoints/last.safetensors l/checkpoints/last.safetensors) file, says: $(grep -iE 'avx|made with' log | head -1 | cut -c 1-120)"
}
n7() {
  "$csnet" "${run[@]}" --out k --seed 1 > /dev/null 2> log1 & a=$!
  "$csnet" "${run[@]}" --out k --seed 2 > /dev/null 2> log2 & b=$!
  wait $a; a=$?; wait $b; b=$?
  cat log1 log2 | grep -E '^csnet: ' > log; echo "exit $a and $b: $(said)"
}
n8() { cp $X x.safetensors; dd if=/dev/zero of=x.safetensors bs=1 seek=$(($(stat -c %s x.safetensors) - 9000)) count=512 conv=notrunc 2> /dev/null; quietly predict --checkpoint x.safetensors --out m set/images; echo "exit $?: $(said)"; }
n9() {
  rm -rf k
  env --default-signal=HUP "$csnet" "${run[@]}" --set train.save_every=0 --set train.batch=2 --set train.log_every=1 --out k > /dev/null 2> log & p=$! # 9 steps an epoch
  until [ -s k/metrics.jsonl ]; do sleep .01; done
  kill -HUP $p; wait $p 2> /dev/null; echo -n "SIGHUP: exit $?, checkpoint $(ls k/checkpoints/last.safetensors 2> /dev/null || echo none); "
  rm -rf k; "$csnet" "${run[@]}" --out k 2>&1 > /dev/null | head -9 > /dev/null; echo "2>&1 | head -9: exit ${PIPESTATUS[0]}, checkpoint $(ls k/checkpoints/last.safetensors 2> /dev/null || echo none)"
}
n10() {
  mkdir -p big
  python3 - << 'END'
import struct, zlib
chunk = lambda kind, body: struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
z = zlib.compressobj(1)
row = b'\0' + bytes([90, 120, 30]) * 16384
body = b''.join([z.compress(row) for _ in range(8192)]) + z.flush()
open('big/1.png', 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 16384, 8192, 8, 2, 0, 0, 0)) + chunk(b'IDAT', body) + chunk(b'IEND', b''))
END
  for i in 2 3 4 5 6 7 8; do cp big/1.png big/$i.png; done
  /usr/bin/time -f %M -o peak "$csnet" predict --checkpoint $X --threads 8 --out m big > /dev/null 2> log
  echo "exit $?, peak $(($(tail -1 peak) / 1000)) MB for eight RGB PNG of 134 megapixels on 8 threads"
  rm -rf big
}
n11() { quietly predict --checkpoint $X --size 2147483648 --out m set/images; echo "exit $?, $(wc -l < log) lines: $(grep -v '^$' log | head -1 | cut -c 1-110)"; }
n12() { quietly bench --checkpoint $X --mode infer --batch 4611686018427387904 --runs 1 --json; echo "exit $?: $(cat out log | grep -E 'images_per_s|must|csnet:' | head -1 | cut -c 1-110)"; }
n13() { stopped k 12; echo '{"step":3,"val_mae":0.1}' >> k/metrics.jsonl; quietly train --resume --out k; echo "exit $?: $(grep -E 'panic|nil pointer|^csnet:|^done|^warning' log | head -1 | cut -c 1-110)"; }
n14() {
  bad=0
  quietly "${run[@]}" --set train.log_every=7 --out w
  for s in 7 8 12 14 20 21; do
    rm -rf k; "$csnet" "${run[@]}" --set train.log_every=7 --out k > /dev/null 2>&1 & p=$!
    until grep -q "\"step\":$s," k/metrics.jsonl 2> /dev/null || ! kill -0 $p 2> /dev/null; do sleep .01; done
    kill -INT $p 2> /dev/null; wait $p 2> /dev/null
    quietly train --resume --out k
    diff -q <(grep -o '"step":[0-9]*\|"loss":[0-9.]*' w/metrics.jsonl) <(grep -o '"step":[0-9]*\|"loss":[0-9.]*' k/metrics.jsonl) > /dev/null || bad=$((bad + 1))
  done
  echo "the loss of a line is another in $bad of 6 runs stopped and resumed"
}
n15() {
  bad=0
  for t in 1 2 3 4 5 6; do
    rm -rf rep; quietly eval --checkpoint $X --data set --out rep
    strace -f -qq -o /dev/null -e trace=renameat,renameat2 -e inject="renameat,renameat2:signal=KILL:when=$t" "$csnet" eval --checkpoint $X --data second9 --out rep --threads 1 > /dev/null 2>&1
    a=$(grep -c second9 rep/scores.csv); b=$(grep -c second9 rep/report.html)
    [ $((a > 0)) = $((b > 0)) ] || bad=$((bad + 1))
  done
  echo "table and page are of different sets in $bad of 6, after a kill at each of the first renames"
}
n16() { "$csnet" eval --baselines --data set --json > /dev/full 2> log; a=$?; "$csnet" data check set > /dev/full 2> log; echo "eval exit $a, data check exit $?"; }
n17() { cp -r whole k; quietly "${run[@]}" --set net.width=0.5 --set train.steps=2 --out w; cp w/checkpoints/last.safetensors k/checkpoints/; quietly train --resume --out k; echo "exit $?: $(said)"; }
n18() { quietly "${run[@]}" --set optim.lr=100 --set optim.schedule.warmup_steps=0 --out k; a=$?; quietly predict --checkpoint k/checkpoints/last.safetensors --out m set/images; echo "exit $a; last: $(ls k/checkpoints/last.safetensors 2> /dev/null || echo none); predict with it: $(said)"; }
n19() {
  for t in 1 2 3 4 5 6 7 8; do
    "$csnet" "${run[@]}" --set train.save_every=1 --out k$t > /dev/null 2>&1 & p=$!
    until [ -e k$t/checkpoints/last.safetensors ] || ! kill -0 $p 2> /dev/null; do :; done
    sleep .$((t * 3)); kill -9 $p 2> /dev/null; wait $p 2> /dev/null
    left=$((${left:-0} + $(find k$t -name '.*.tmp' -o -name '.csnet-*' | grep -cv lock)))
    quietly train --resume --out k$t
  done
  echo "temporary files after 8 kills: ${left:-0}, after the runs were resumed: $(find k? -name '.*.tmp' -o -name '.csnet-*' | wc -l)"
}
whole
for n in "${@:-$(seq 19)}"; do
  for i in $n; do
    rm -rf k k? l w rep m set01
    printf '%2d  %s\n' "$i" "$(left=0; "n$i" 2> /dev/null)"
  done
done
