// speed.mjs PAGE FOLDER: what a judge waits for, printed with the targets. FOLDER
// has the packages small, 1 (of about 1 GiB) and 3 (of about 3 GiB) as NAME.asice,
// each with its trust list NAME.trust.
// The page's rate stands beside the one at which the browser's own hasher alone
// reads the same file in the same run, in rounds that alternate.
import fs from 'node:fs';
import path from 'node:path';
import { choose, check, open } from './browser.mjs';

const [page, folder] = process.argv.slice(2);
const at = (name) => path.join(folder, name);
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const missed = [];
function line(what, value, unit, target, ok) {
  console.log(`${what.padEnd(46)} ${String(Math.round(value)).padStart(7)} ${unit.padEnd(6)} target ${target}${ok ? '' : '   MISSED'}`);
  if (!ok) missed.push(what);
}

// bare hashes a file with the browser's hasher and does nothing else.
async function bare(tab, file) {
  await tab.evaluate(() => {
    const input = document.createElement('input');
    input.type = 'file';
    input.id = 'bare';
    document.getElementById('bare')?.remove();
    document.body.append(input);
  });
  await tab.setInputFiles('#bare', file);
  return tab.evaluate(async () => {
    const source = `onmessage = async ({ data: file }) => {
      const MiB = 1 << 20, slice = 8 * MiB, from = performance.now(), queue = [];
      const read = (k) => k * slice < file.size ? file.slice(k * slice, (k + 1) * slice).arrayBuffer() : null;
      for (let k = 0; k < 3; k++) queue.push(read(k));
      for (let k = 0, next; (next = queue.shift()); k++) {
        const b = new Uint8Array(await next), jobs = [];
        queue.push(read(k + 3));
        for (let p = 0; p < b.length; p += MiB) jobs.push(crypto.subtle.digest('SHA-256', b.subarray(p, p + MiB)));
        await Promise.all(jobs);
      }
      postMessage(performance.now() - from);
    };`;
    const worker = new Worker(URL.createObjectURL(new Blob([source])));
    const file = document.getElementById('bare').files[0];
    const took = await new Promise((resolve) => { worker.onmessage = (e) => resolve(e.data); worker.postMessage(file); });
    worker.terminate();
    return file.size / 1e3 / took;
  });
}

// resident is the memory of the renderers that this program's browsers run, in MB.
function resident() {
  const status = new Map();
  for (const pid of fs.readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    try { status.set(pid, fs.readFileSync(`/proc/${pid}/status`, 'utf8')); } catch { /* it has ended meanwhile */ }
  }
  const parent = (pid) => /^PPid:\s+(\d+)/m.exec(status.get(pid) ?? '')?.[1];
  const ours = (pid) => pid !== undefined && (pid === String(process.pid) || ours(parent(pid)));
  let total = 0;
  for (const [pid, text] of status) {
    try {
      if (!ours(pid) || !fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')) continue;
      total += Number(/^RssAnon:\s+(\d+)/m.exec(text)[1]) / 1e3;
    } catch { /* it has ended meanwhile */ }
  }
  return total;
}

const bytes = fs.statSync(page).size;
line('page', bytes / 1e3, 'kB', 'under 10000', bytes < 10e6);
const starts = [], verdicts = [];
for (let i = 0; i < 3; i++) {
  const b = await open(page);
  starts.push(b.ready);
  await choose(b.tab, at('small.trust'));
  const from = performance.now();
  await check(b.tab, at('small.asice'));
  verdicts.push(performance.now() - from);
  await b.close();
}
line('opening the page until it is ready', median(starts), 'ms', 'under 2000', median(starts) < 2000);
line('small package, first verdict and report', median(verdicts), 'ms', 'under 1000', median(verdicts) < 1000);

const b = await open(page);
await choose(b.tab, at('1.trust'));
const ours = [], alone = [];
const size = fs.statSync(at('1.asice')).size;
for (let i = 0; i < 5; i++) {
  const from = performance.now();
  const { status } = await check(b.tab, at('1.asice'));
  ours.push(size / 1e3 / (performance.now() - from));
  if (status !== 'holds') throw new Error(`1.asice: ${status}`);
  alone.push(await bare(b.tab, at('1.asice')));
}
const least = Math.min(300, median(alone));
line('content, the browser\'s hasher alone', median(alone), 'MB/s', '-', true);
line('content, the whole check, the first in a page', ours[0], 'MB/s', '-', true);
line('content, the whole check', median(ours), 'MB/s', `at least ${Math.round(least)}`, median(ours) >= least);
await b.close();

const peaks = {};
for (const n of [1, 3]) {
  const x = await open(page);
  await choose(x.tab, at(`${n}.trust`));
  let peak = 0;
  const watch = setInterval(() => { peak = Math.max(peak, resident()); }, 200);
  await check(x.tab, at(`${n}.asice`));
  clearInterval(watch);
  peaks[n] = peak;
  if (n === 3) {
    await x.tab.evaluate(() => globalThis.gc?.());
    const wasm = await x.tab.evaluate(() => courtAsk('memory')) / 1e6;
    const heap = await x.tab.evaluate(() => performance.memory.usedJSHeapSize) / 1e6;
    line('memory of the verifier and the page, after gc', wasm + heap, 'MB', 'under 300', wasm + heap < 300);
  }
  await x.close();
}
line('renderer, 3 GiB against 1 GiB', 100 * peaks[3] / peaks[1], '%', 'at most 120', peaks[3] <= 1.2 * peaks[1]);
if (missed.length) { console.log('missed: ' + missed.join(', ')); process.exit(1); }
