// Saliency map of a photo with ONNX Runtime in Node.js.
// Usage: npm install && node saliency.mjs csnet.onnx photo.jpg map.png
import ort from 'onnxruntime-node';
import sharp from 'sharp';

const side = 224; // of the net's input: what `csnet export` printed
const [model, photoFile, mapFile] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model);

// Resizes bilinearly with half-pixel centres, without anti-aliasing: what the nets
// learned with. Sharp smooths when it makes a picture smaller, and the map changes.
function resize(from, w, h, channels, toW, toH) {
  const out = new Float32Array(toW * toH * channels);
  const place = (o, n, to) => {
    const at = Math.min(Math.max(((o + 0.5) * n) / to - 0.5, 0), n - 1);
    return [Math.floor(at), Math.min(Math.floor(at) + 1, n - 1), at - Math.floor(at)];
  };
  for (let y = 0; y < toH; y++) {
    const [y0, y1, fy] = place(y, h, toH);
    for (let x = 0; x < toW; x++) {
      const [x0, x1, fx] = place(x, w, toW);
      for (let c = 0; c < channels; c++) {
        const v = (row, col) => from[(row * w + col) * channels + c];
        out[(y * toW + x) * channels + c] = (v(y0, x0) * (1 - fx) + v(y0, x1) * fx) * (1 - fy) + (v(y1, x0) * (1 - fx) + v(y1, x1) * fx) * fy;
      }
    }
  }
  return out;
}

// Turned as its EXIF says. The nets learned from photos of about 400 pixels:
// larger ones are reduced to that first.
const photo = await sharp(photoFile).rotate().removeAlpha().toColourspace('srgb').png().toBuffer({ resolveWithObject: true });
const { width, height } = photo.info;
const small = await sharp(photo.data).resize(400, 400, { fit: 'inside', withoutEnlargement: true }).raw().toBuffer({ resolveWithObject: true });
const pixels = resize(small.data, small.info.width, small.info.height, 3, side, side);

const input = new Float32Array(3 * side * side); // RGB, channels first, 0 to 255
for (let i = 0; i < side * side; i++) for (let c = 0; c < 3; c++) input[c * side * side + i] = pixels[3 * i + c];
const { saliency } = await session.run({ image: new ort.Tensor('float32', input, [1, 3, side, side]) });

const map = Uint8Array.from(resize(saliency.data, side, side, 1, width, height), (v) => v * 255);
await sharp(map, { raw: { width, height, channels: 1 } }).toColourspace('b-w').png().toFile(mapFile);
