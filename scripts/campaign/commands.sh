# Commands that write one thing: killed at every point of their writes, out of space
# there, and killed at random moments. The old one or the new one is there, whole,
# and the next run leaves nothing beside it.
# shellcheck shell=bash
atPoints=0
atRandom=0
full=0

# attack NAME OUT COMMAND...
attack() {
  local name=$1 out=$2 n code most longest
  shift 2
  rm -rf "$out"
  "$csnet" "$@" > /dev/null 2> log || { wrong "$name: failed: $(tail -1 log)"; return; }
  rm -rf new && cp -r "$out" new
  same() { diff -rq --exclude='.csnet-*' "$out" new > /dev/null || wrong "$name $1: $out is neither old nor new"; }
  clean() {
    "$csnet" "$@" > /dev/null 2> log || wrong "$name goes on: failed: $(tail -1 log)"
    [ -z "$(leftovers)" ] || wrong "$name goes on: left over: $(leftovers)"
  }
  most=$(points "$@")
  for n in $(seq "$first" "$every" "$most"); do
    atPoints=$((atPoints + 1))
    CSNET_CAMPAIGN_KILL=$n "$attacked" "$@" > /dev/null 2>&1 || true
    same "killed at point $n"
    clean "$@"
    full=$((full + 1))
    code=0
    CSNET_CAMPAIGN_FULL=$n "$attacked" "$@" > /dev/null 2> log || code=$?
    [ "$code" = 0 ] || grep -q 'no space left' log || wrong "$name full at point $n: exit $code: $(tail -1 log)"
    [ "$code" -le 1 ] || wrong "$name full at point $n: exit $code"
    [ -z "$(leftovers)" ] || wrong "$name full at point $n: left over: $(leftovers)"
    same "full at point $n"
  done
  longest=$(milliseconds "$csnet" "$@")
  for n in $(seq "${CAMPAIGN_SHORT:-40}"); do
    atRandom=$((atRandom + 1))
    "$csnet" "$@" > /dev/null 2>&1 &
    nap "$((longest + 10))"
    kill -9 $! 2> /dev/null || true
    wait $! 2> /dev/null || true
    same "killed at random"
    [ $((n % 4)) != 0 ] || clean "$@" # several in a row
  done
  clean "$@"
}
attack prune p.safetensors prune --checkpoint "$net" --ratio 0.3 --out p.safetensors --plan plan.json
attack export e.safetensors export --checkpoint "$net" --out e.safetensors
attack onnx e.onnx export --checkpoint "$net" --format onnx --out e.onnx
attack import i.safetensors import --from e.safetensors --out i.safetensors
attack predict maps predict --checkpoint "$net" --out maps set/images
attack 'predict --as' cuts predict --checkpoint "$net" --as cutout,mask --out cuts set/images
attack 'data stats' heat.png data stats set --out heat.png
attack "data preview" sheet.png data preview set --config csnet-tiny --set data.size=32 --out sheet.png
attack 'eval --save-maps' saved eval --checkpoint "$net" --data set --save-maps saved
row 'prune, export, import, predict, data stats, data preview, eval --save-maps: kill -9 at every point of their writes' "$atPoints"
row 'the same, no space left at every point' "$full"
row 'the same, kill -9 at random moments, up to four in a row' "$atRandom"
