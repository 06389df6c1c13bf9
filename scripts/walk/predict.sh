# csnet predict: files, folders, odd sizes, never over an input.
net=run/checkpoints/best.safetensors
run 0 "predict a file" "$csnet" predict --checkpoint "$net" other/images/0000.jpg
has 0000_saliency.png
mkdir -p album/trip
cp other/images/0001.jpg album/
cp other/images/0002.jpg album/trip/
run 0 "predict a folder" "$csnet" predict --checkpoint "$net" album --out albumout
has albumout/0001.png albumout/trip/0002.png
"$work/drawset" one 1 1 5
run 0 "predict a photo of 1x1" "$csnet" predict --checkpoint "$net" one/images/0000.jpg --out dot
has dot/0000.png
mkdir -p clash/a clash/b
cp other/images/0001.jpg clash/a/x.jpg
cp other/images/0002.jpg clash/b/x.jpg
bad "two inputs, one target" 'x\.(png|jpg)' "$csnet" predict --checkpoint "$net" clash/a/x.jpg clash/b/x.jpg --out clashed
absent clashed/x.png
cp other/GT/0000.png self.png
cp self.png self.copy
bad "an output over its input" 'self|input|overwrit' "$csnet" predict --checkpoint "$net" self.png --out .
same self.png self.copy
head -c 900 other/images/0003.jpg > cut.jpg
bad "a photo cut short" 'cut\.jpg' "$csnet" predict --checkpoint "$net" cut.jpg --out cutout
absent cutout/cut.png
bad "a photo that is not there" 'gone\.jpg' "$csnet" predict --checkpoint "$net" gone.jpg
usage "predict nothing" "$csnet" predict --checkpoint "$net"
mkdir -p forms
run 0 "all forms of a photo" "$csnet" predict --checkpoint "$net" other/images/0000.jpg --as map,mask,cutout,overlay,crop --out forms
has forms/0000_map.png forms/0000_mask.png forms/0000_cutout.png forms/0000_overlay.png forms/0000_crop.png
run 0 "a cut-out as WebP" "$csnet" predict --checkpoint "$net" other/images/0000.jpg --as cutout --out forms/cut.webp
has forms/cut.webp
run 0 "numbers about a photo" "$csnet" predict --checkpoint "$net" other/images/0000.jpg --out forms/one.png --json
keys photo files width height mean area box centre threshold
"$csnet" predict --checkpoint "$net" - --as cutout < other/images/0001.jpg > forms/piped.png 2> /dev/null || fail "a photo from standard input"
has forms/piped.png
good "a photo from standard input"
cp cut.jpg album/broken.jpg
printf 'x' > album/notes.txt
bad "a folder with a broken photo" 'broken\.jpg' "$csnet" predict --checkpoint "$net" album --out albumagain
has albumagain/0001.png albumagain/trip/0002.png
grep -q '1 file of other kinds skipped (1 .txt)' "$work/err" || fail "what is left out is not said"
run 1 "what is done is left out" "$csnet" predict --checkpoint "$net" album --out albumagain --skip-existing
grep -q '2 photos done before' "$work/err" || fail "what is done is done again"
run 0 "names that keep their ending" "$csnet" predict --checkpoint "$net" clash/a/x.jpg --whole-names --out clashed
has clashed/x.jpg.png
printf 'clash/a/x.jpg\n' > names.txt
run 0 "a list of photos" "$csnet" predict --checkpoint "$net" --list names.txt --out listed
has listed/x.png
usage "a form that is none" "$csnet" predict --checkpoint "$net" --as sketch other/images/0000.jpg
usage "a JPEG cut-out without a background" "$csnet" predict --checkpoint "$net" --as cutout --format jpg other/images/0000.jpg
