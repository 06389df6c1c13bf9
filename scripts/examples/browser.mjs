// Opens the browser example, gives it a photo and writes the cut-out's alpha as a
// grey PNG. Usage: node browser.mjs URL PHOTO MAP
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import puppeteer from 'puppeteer-core';

const [url, photo, map] = process.argv.slice(2);
const browser = await puppeteer.launch({
  executablePath: '/usr/bin/chromium',
  userDataDir: fs.mkdtempSync(path.join(os.tmpdir(), 'chromium-')),
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(String(error)));
  await page.goto(url);
  const says = (text) => page.waitForFunction((t) => document.getElementById('state').textContent.startsWith(t), { timeout: 60000 }, text);
  await says('Ready');
  await (await page.$('#file')).uploadFile(photo);
  await says('Done');
  const png = await page.evaluate(() => {
    const from = document.getElementById('cutout');
    const to = document.createElement('canvas');
    [to.width, to.height] = [from.width, from.height];
    const pixels = from.getContext('2d').getImageData(0, 0, from.width, from.height);
    for (let i = 0; i < pixels.data.length; i += 4) {
      pixels.data.fill(pixels.data[i + 3], i, i + 3);
      pixels.data[i + 3] = 255;
    }
    to.getContext('2d').putImageData(pixels, 0, 0);
    return to.toDataURL('image/png').split(',')[1];
  });
  fs.writeFileSync(map, Buffer.from(png, 'base64'));
} finally {
  await browser.close();
}
