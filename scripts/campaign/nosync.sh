# File systems without fsync, as some network, cloud and user-space ones are: every
# command writes all the same, warns once, and an error of the disk stays an error.
# strace answers in the file system's place.
# shellcheck shell=bash
total=0
unsynced() { # ERROR COMMAND...: what the command says when fsync gives that error
  local error=$1
  shift
  strace -f -qq -o /dev/null -e trace=fsync -e inject="fsync:error=$error" "$csnet" "$@" 2>&1 > /dev/null
}

# without NAME OUT COMMAND...
without() {
  local name=$1 out=$2 error said
  shift 2
  rm -rf "$out" new
  "$csnet" "$@" > /dev/null 2> log || wrong "$name: failed: $(tail -1 log)"
  mv "$out" new
  for error in ENOSYS EINVAL EOPNOTSUPP; do
    total=$((total + 1))
    said=$(unsynced "$error" "$@") || wrong "$name, fsync gives $error: failed: $(tail -1 <<< "$said")"
    [ "$(grep -c 'has no fsync' <<< "$said")" = 1 ] || wrong "$name, fsync gives $error: warns not once: $said"
    # a page tells its time
    diff -rq --exclude=report.html --exclude=metrics.jsonl --exclude=metrics.csv "$out" new > /dev/null || [ -z "${out##*.html}" ] || wrong "$name, fsync gives $error: $out differs"
    [ -z "$(leftovers)" ] || wrong "$name, fsync gives $error: left over: $(leftovers)"
    rm -rf "$out"
  done
  total=$((total + 1))
  said=$(unsynced EIO "$@") && wrong "$name, fsync gives EIO: exit 0"
  grep -q 'input/output error' <<< "$said" || wrong "$name, fsync gives EIO: does not say so: $(tail -1 <<< "$said")"
  [ -z "$(leftovers)" ] || wrong "$name, fsync gives EIO: left over: $(leftovers)"
  rm -rf "$out" new
}
if strace -qq -o /dev/null true 2> /dev/null; then
  without train k train "${run[@]}" --threads 2 --out k
  without prune p.safetensors prune --checkpoint "$net" --ratio 0.3 --out p.safetensors
  without export e.safetensors export --checkpoint "$net" --out e.safetensors
  without onnx e.onnx export --checkpoint "$net" --format onnx --out e.onnx
  "$csnet" export --checkpoint "$net" --out released.safetensors > /dev/null 2>&1
  without import i.safetensors import --from released.safetensors --out i.safetensors
  without predict maps predict --checkpoint "$net" --as map,mask --out maps set/images
  without 'eval --save-maps' saved eval --checkpoint "$net" --data set --save-maps saved
  without 'eval --out' report eval --checkpoint "$net" --data set --out report
  without 'data stats' heat.png data stats set --out heat.png
  without 'data preview' sheet.png data preview set --config csnet-tiny --set data.size=32 --out sheet.png
  without 'data split' cut data split set --share 0.3 --out cut
  without 'data shrink' cut data shrink set --side 32 --out cut
  without inspect page.html inspect ref --out page.html
else
  printf 'the part nosync is left out: strace is missing\n' >&2
fi
row 'commands that write where fsync gives ENOSYS, EINVAL, EOPNOTSUPP (warned once) and EIO (failed)' "$total"
