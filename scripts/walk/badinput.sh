# Bad input, each with its clear error and nothing half-written.
last=run/checkpoints/last.safetensors
train() { "$csnet" train "${tiny[@]}" --set train.steps=3 "$@"; }

# Configs.
printf 'extends: %s\noptim:\n  lrr: 0.1\n' "$root/configs/csnet-tiny.yaml" > typo.yaml
bad "a misspelt key" 'typo\.yaml:3:.*lrr|lrr' "$csnet" train --config typo.yaml --data set --out bad1
grep -q 'lr\b' err && grep -q ':3' err || fail "the error does not name line 3 and the nearest key"
printf 'extends: %s\noptim:\n  lr: fast\n' "$root/configs/csnet-tiny.yaml" > type.yaml
bad "a wrong type" 'type\.yaml:3' "$csnet" summary --config type.yaml
bad "a misspelt --set" 'widht' "$csnet" summary --config "$root/configs/csnet-tiny.yaml" --set net.widht=1
bad "an impossible value" 'batch' "$csnet" train "${tiny[@]}" --set train.batch=0 --data set --out bad1
bad "a net size that is no multiple of 16" '32.*48|48.*32|multiple' train --set data.size=40 --data set --out bad1
bad "one value per channel on the coarsest map" 'one value|batch' "$csnet" train "${tiny[@]}" --set data.size=16 --set train.batch=1 --data set --out bad1
bad "a config that is not there" 'gone\.yaml' "$csnet" train --config gone.yaml --data set --out bad1
absent bad1

# Data sets.
bad "a data folder without masks" 'mask' train --data empty --out bad2
absent bad2
for what in jpg png size; do
  rm -rf damaged && cp -r set damaged
  case $what in
    jpg) head -c 700 set/images/0012.jpg > damaged/images/0012.jpg ;;
    png) head -c 120 set/GT/0012.png > damaged/GT/0012.png ;;
    size) cp big/GT/0000.png damaged/GT/0012.png ;;
  esac
  bad "a damaged set ($what)" '0012' train --set data.val_share=0 --set train.steps=20 --data damaged --out "bad-$what"
  leftovers "bad-$what"
done

# Checkpoints.
head -c $(($(wc -c < "$last") - 1000)) "$last" > short.safetensors
head -c 20 "$last" > stub.safetensors
: > empty.safetensors
LC_ALL=C sed 's|csnet/1|csnet/9|' "$last" > version.safetensors
{ head -c -4 "$last"; printf '\x00\x00\xc0\x7f'; } > nan.safetensors
LC_ALL=C sed '1s/"shape":\[\([0-9]*\),3,3,3\]/"shape":[3,\1,3,3]/' "$last" > shape.safetensors
for kind in short stub empty version nan shape; do
  if cmp -s "$last" $kind.safetensors; then
    fail "could not make the checkpoint '$kind'"
  fi
  bad "a checkpoint: $kind" "$kind\\.safetensors" "$csnet" prune --checkpoint $kind.safetensors --out x.safetensors --ratio 0.2
  bad "  predict with it" "$kind\\.safetensors" "$csnet" predict --checkpoint $kind.safetensors other/images/0000.jpg --out xout
  bad "  fine-tune it" "$kind\\.safetensors" train --from $kind.safetensors --data set --out xrun
done
absent x.safetensors xout/0000.png xrun

# Places that cannot be written.
: > afile
bad "an output folder below a file (train)" 'afile' train --data set --out afile/run
bad "an output below a file (prune)" 'afile' "$csnet" prune --checkpoint "$last" --out afile/x.safetensors --ratio 0.2
bad "an output below a file (predict)" 'afile' "$csnet" predict --checkpoint "$last" other/images/0000.jpg --out afile/maps
bad "an output below a file (import)" 'afile' "$csnet" import --from there.safetensors --out afile/x.safetensors

# A full disk: a file system of 64 KiB, where the system lets us mount one.
mkdir -p full
if unshare -rm bash -c "mount -t tmpfs -o size=64k tmpfs '$work/full'" 2> /dev/null; then
  export csnet work
  bad "a full disk (prune)" 'no space' unshare -rm bash -c "mount -t tmpfs -o size=64k tmpfs full
    code=0; \"\$csnet\" prune --checkpoint $last --out full/x.safetensors --ratio 0.1 || code=\$?
    [ -z \"\$(ls -A full)\" ] || { echo left behind: \$(ls -A full) >&2; exit 9; }
    exit \$code"
  bad "a full disk (train)" 'no space' unshare -rm bash -c "mount -t tmpfs -o size=64k tmpfs full
    code=0; \"\$csnet\" train $(printf '%q ' "${tiny[@]}") --set train.steps=3 --data set --out full/run || code=\$?
    [ ! -e full/run/checkpoints/last.safetensors ] && [ -z \"\$(find full -name '*.tmp')\" ] || { echo left behind >&2; exit 9; }
    exit \$code"
else
  printf '   --  a full disk: left out, no file system can be mounted here\n'
fi
leftovers .
