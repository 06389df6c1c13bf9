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
