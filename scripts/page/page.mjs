// Uses the page of csnet serve as people do, in Chromium: drops a photo, moves the
// threshold by keyboard, downloads the cut-out, pastes a photo, drops what is none,
// at 1280 and 390 pixels across, light and dark; chooses a photo and saves the cut-out
// by keyboard alone; and asks a server that is out of reach. The browser knows no host
// but 127.0.0.1. Ends with 1 and says why where something is wrong.
// Usage: node page.mjs URL PHOTO.jpg OUT; OUT gets the downloads and screenshots.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import puppeteer from 'puppeteer-core';

const [url, photo, out] = process.argv.slice(2);
const chromium = process.env.CHROMIUM || '/usr/bin/chromium';
const bytes = fs.readFileSync(photo).toString('base64');

const browser = await puppeteer.launch({
  executablePath: chromium,
  userDataDir: fs.mkdtempSync(path.join(os.tmpdir(), 'chromium-')),
  args: ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

// give hands the page a file as a drop or as a paste.
const give = (page, how, name, type, base64) => page.evaluate((how, name, type, base64) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }));
  const event = how === 'drop'
    ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
    : new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
  document.getElementById('drop').dispatchEvent(event);
}, how, name, type, base64);

const says = (page, text) => page.waitForFunction((t) => document.getElementById('state').textContent.startsWith(t), { timeout: 60000 }, text);

async function downloaded(name) {
  const file = path.join(out, name);
  for (let i = 0; i < 200 && !fs.existsSync(file); i++) await new Promise((done) => setTimeout(done, 50));
  const png = fs.readFileSync(file);
  assert.equal(png.toString('latin1', 1, 4), 'PNG', `${name} is no PNG`);
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

// share is how much of the cut-out is seen and how much is half seen.
const share = (page) => page.evaluate(() => {
  const c = document.getElementById('cut');
  const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  let seen = 0, soft = 0;
  for (let i = 3; i < p.length; i += 4) {
    if (p[i] > 0) seen++;
    if (p[i] > 0 && p[i] < 255) soft++;
  }
  return { width: c.width, height: c.height, seen: seen / (c.width * c.height), soft };
});

async function desk(page) {
  await give(page, 'drop', 'my photo.jpg', 'image/jpeg', bytes);
  await says(page, 'Done');
  const cut = await share(page);
  assert.ok(cut.seen > 0.01 && cut.seen < 0.99 && cut.soft > 0, `the cut-out shows ${cut.seen} of the photo`);

  // The keyboard reaches the slider and the button.
  await page.focus('#threshold');
  for (let i = 0; i < 3; i++) await page.keyboard.press('PageUp');
  const hard = await share(page);
  assert.ok(hard.soft === 0 && hard.seen < cut.seen, 'the threshold makes no sharp edge');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'save-cut');
  await page.keyboard.press('Enter');
  assert.deepEqual(await downloaded('my photo-cutout.png'), { width: cut.width, height: cut.height });
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.deepEqual(await downloaded('my photo-map.png'), { width: cut.width, height: cut.height });
  await shots(page, 1280);

  // What is no photo is told; the pictures, and their name, stay.
  await give(page, 'drop', 'notes.txt', 'text/plain', Buffer.from('no photo').toString('base64'));
  await bad(page);
  fs.unlinkSync(path.join(out, 'my photo-map.png'));
  await page.click('#save-map');
  await downloaded('my photo-map.png');

  await page.setOfflineMode(true);
  await give(page, 'drop', 'my photo.jpg', 'image/jpeg', bytes);
  await says(page, 'The server cannot be reached');
  await page.setOfflineMode(false);
}

const bad = (page) => page.waitForFunction(() => document.getElementById('state').classList.contains('bad'));

// shots takes the page as it is seen on light and on dark screens.
async function shots(page, width) {
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    const text = await page.evaluate(() => getComputedStyle(document.body).color);
    assert.equal(text, scheme === 'dark' ? 'rgb(255, 255, 255)' : 'rgb(0, 0, 0)');
    await page.screenshot({ path: path.join(out, `page-${width}-${scheme}.png`), fullPage: true });
  }
}

// keys uses no mouse at all: Tab to the file, Enter, a photo, Tab to the slider and on.
async function keys(page) {
  const active = () => page.evaluate(() => document.activeElement.id);
  await page.keyboard.press('Tab');
  assert.equal(await active(), 'file');
  // The page must know that its chooser is waited for before the key comes: keys take another
  // way into it, and may overtake. A word to the page takes the same way as the first.
  const chooser = page.waitForFileChooser({ timeout: 20000 });
  chooser.catch(() => {});
  await page.evaluate(() => 0);
  await page.keyboard.press('Enter');
  await (await chooser).accept([photo]);
  await says(page, 'Done');
  await page.keyboard.press('Tab');
  assert.equal(await active(), 'threshold');
  await page.keyboard.press('ArrowRight');
  assert.ok((await page.evaluate(() => document.getElementById('shown').textContent)).startsWith('sharp'), 'the arrow moves no slider');
  await page.keyboard.press('Tab');
  assert.equal(await active(), 'save-cut');
  await page.keyboard.press('Enter');
  await downloaded(`${path.parse(photo).name}-cutout.png`);
}

async function phone(page) {
  await give(page, 'paste', 'pasted.jpg', 'image/jpeg', bytes);
  await says(page, 'Done');
  await shots(page, 390);
  const low = await page.evaluate(() => [...document.querySelectorAll('button, input')].map((e) => [e.id, e.getBoundingClientRect().width]).filter(([, w]) => w === 0));
  assert.deepEqual(low, [], 'these cannot be touched');
}

try {
  const elsewhere = new Set();
  for (const [width, height, use] of [[1280, 900, desk], [390, 844, phone], [1280, 900, keys]]) {
    const page = await browser.newPage();
    page.on('pageerror', (error) => assert.fail(String(error)));
    page.on('request', (r) => { if (!/^(blob|data):/.test(r.url()) && new URL(r.url()).origin !== new URL(url).origin) elsewhere.add(r.url()); });
    const session = await page.createCDPSession();
    await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: path.resolve(out) });
    await page.setViewport({ width, height });
    await page.goto(url);
    await use(page);
    const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
    assert.ok(wide <= width, `at ${width} pixels the page is ${wide} wide`);
    console.log(`page at ${width} pixels, ${use.name}: ok`);
    await page.close();
  }
  assert.deepEqual([...elsewhere], [], 'the page asks elsewhere');
} finally {
  await browser.close();
}
