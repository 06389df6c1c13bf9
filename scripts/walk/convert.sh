# csnet import and export: there and back; the released net where it is.
last=run/checkpoints/last.safetensors
for f in "$last" small.safetensors; do
  run 0 "export ${f##*/}" "$csnet" export --checkpoint "$f" --format pytorch --out there.safetensors
  run 0 "import it" "$csnet" import --from there.safetensors --out back.safetensors
  run 0 "export it again" "$csnet" export --checkpoint back.safetensors --format pytorch --out there-again.safetensors
  same there.safetensors there-again.safetensors
done
run 0 "export as ONNX" "$csnet" export --checkpoint small.safetensors --format onnx --size dynamic --with-normalize --with-sigmoid --out net.onnx
grep -q 'read back' "$work/err" || fail "export says nothing of reading the file back"
usage "an ONNX size that does not fit" "$csnet" export --checkpoint small.safetensors --format onnx --size 100 --out bad.onnx
usage "an ONNX size that is no size" "$csnet" export --checkpoint small.safetensors --format onnx --size wide --out bad.onnx
usage "an ONNX flag without ONNX" "$csnet" export --checkpoint small.safetensors --half --out bad.onnx
absent bad.onnx
usage "an unknown format" "$csnet" export --checkpoint "$last" --format onxx --out x.onnx
usage "import without --out" "$csnet" import --from there.safetensors
printf 'this is no checkpoint' > garbage.pth.tar
bad "import of garbage" 'garbage\.pth\.tar' "$csnet" import --from garbage.pth.tar --out x.safetensors
absent x.safetensors x.onnx

released=$shared/checkpoints/csnet-L-x1.pth.tar
if [ -f "$released" ]; then
  run 0 "import the released net" "$csnet" import --from "$released" --out released.safetensors
  run 0 "its summary" "$csnet" summary --checkpoint released.safetensors --json
  keys params=93647
  head -c 300000 "$released" > short.pth.tar
  bad "the released net cut short" 'short\.pth\.tar' "$csnet" import --from short.pth.tar --out x.safetensors
  absent x.safetensors
  if [ -d photos ]; then
    run 0 "the released net on real photos" "$csnet" eval --checkpoint released.safetensors --data photos --json
    keys 'sets.photos.salmetric.maxF>0.8' 'sets.photos.salmetric.MAE<0.15'
  fi
fi
