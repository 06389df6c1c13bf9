# File systems that are full: tmpfs of 4 KiB to 2 MiB, and a limit on the size of a
# file. What was there before stays, what fails says so, after making room it goes on.
# shellcheck shell=bash
total=0
if mkdir -p small && mount -t tmpfs -o size=4k tmpfs small 2> /dev/null; then
  umount small
  for kib in 4 8 16 32 64 96 128 160 192 224 256 320 384 448 512 640 768 1024 1536 2048; do
    total=$((total + 1))
    mount -t tmpfs -o size=${kib}k tmpfs small
    code=0
    train "$csnet" small/run > /dev/null 2> log || code=$?
    [ "$code" -le 1 ] || wrong "disk of $kib KiB: train exits $code"
    [ "$code" = 0 ] || grep -q 'no space left' log || wrong "disk of $kib KiB: train does not say so: $(tail -1 log)"
    [ -z "$(find small -name '.csnet-*')" ] || wrong "disk of $kib KiB: left over"
    mount -o remount,size=20m small
    rm -rf k && cp -r small/run k 2> /dev/null || true
    goOn k "disk of $kib KiB"
    for command in "prune --checkpoint $net --ratio 0.3 --out small/o" "export --checkpoint $net --format onnx --out small/o" \
      "predict --checkpoint $net --out small/o set/images" "eval --checkpoint $net --data set --out small/o"; do
      total=$((total + 1))
      umount small
      mount -t tmpfs -o size=${kib}k tmpfs small
      code=0
      # shellcheck disable=SC2086
      "$csnet" $command > /dev/null 2> log || code=$?
      [ "$code" -le 1 ] || wrong "disk of $kib KiB: $command exits $code"
      [ "$code" = 0 ] || grep -q 'no space left' log || wrong "disk of $kib KiB: $command does not say so: $(tail -1 log)"
      [ -z "$(find small -name '.csnet-*')" ] || wrong "disk of $kib KiB: $command: left over"
      for f in small/o small/o/*.png; do
        case $f in
          *.png) [ ! -f "$f" ] || ./attack whole "$f" || wrong "disk of $kib KiB: $f is half a picture" ;;
          *) [ ! -f "$f" ] || [ "$code" = 0 ] || wrong "disk of $kib KiB: $command left $f" ;;
        esac
      done
    done
    umount small
  done
else
  printf 'the part disk is left out: no tmpfs can be mounted here\n' >&2
fi
row 'train, prune, export, predict, eval on a tmpfs of 4 KiB to 2 MiB' "$total"

total=0
for blocks in 0 1 2 4 8 16 32 64 96 128 192 256 384 512; do # of 1024 bytes
  total=$((total + 1))
  rm -rf k
  code=0
  (ulimit -f "$blocks" && train "$csnet" k > /dev/null 2> log) || code=$?
  [ "$code" -le 1 ] || wrong "files of $blocks KiB at most: train exits $code: $(tail -1 log)"
  goOn k "files of $blocks KiB at most"
  for command in "prune --checkpoint $net --ratio 0.3 --out small/o" "export --checkpoint $net --format onnx --out small/o"; do
    total=$((total + 1))
    code=0
    # shellcheck disable=SC2086
    (ulimit -f "$blocks" && "$csnet" $command > /dev/null 2> log) || code=$?
    [ "$code" -le 1 ] || wrong "files of $blocks KiB at most: $command exits $code"
    [ "$code" = 0 ] || [ ! -e small/o ] || wrong "files of $blocks KiB at most: $command left a file"
    [ -z "$(find small -name '.csnet-*')" ] || wrong "files of $blocks KiB at most: $command: left over"
    rm -f small/o
  done
done
row 'train, prune, export where files may have 0 to 512 KiB (ulimit -f)' "$total"
