# csnet data check | stats | split.
run 0 "data check" "$csnet" data check set --json
keys pairs=30 problems
run 0 "data check as text" "$csnet" data check set
run 0 "data stats" "$csnet" data stats set --json
keys
run 0 "data split" "$csnet" data split set --out parts --json
keys
has parts

# Every kind of damage, by name.
cp -r set broken
rm broken/GT/0003.png
head -c 700 set/images/0005.jpg > broken/images/0005.jpg
cp other/GT/0001.png broken/GT/0006.png
"$work/drawset" big 1 64 3
cp big/GT/0000.png broken/GT/0007.png
run 1 "data check of a broken set" "$csnet" data check broken --json
keys 'problems[].kind' 'problems[].file' 'problems[].detail' 'problems[].severity'
for kind in unpaired undecodable size-differs; do
  grep -q "\"$kind\"" out || fail "data check does not list '$kind'"
done
mkdir -p empty/images
bad "data check of a set without masks" 'mask|no .*pair|find' "$csnet" data check empty
bad "data check of nothing" 'no such|not exist|not found|missing' "$csnet" data check nowhere
usage "data check without a folder" "$csnet" data check
