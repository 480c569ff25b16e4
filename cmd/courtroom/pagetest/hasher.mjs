// hasher.mjs: the page's own CRC-32 and chunk hashes against those of node, for every
// length at which the way of computing changes, and the spreading of slices over workers
// that answer late, fail or die.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import zlib from 'node:zlib';

const source = fs.readFileSync(new URL('../page/hasher.js', import.meta.url), 'utf8');
const { hashSlice, checksum, BLOCK, FAR } = new Function(`let onmessage; ${source}; return { hashSlice, checksum, BLOCK, FAR }`)();

const MiB = 1 << 20;
const crc32 = (bytes) => zlib.gzipSync(bytes, { level: 0 }).subarray(-8).readUInt32LE(); // RFC 1952, section 2.3.1
const text = crypto.randomFillSync(new Uint8Array(3 * MiB + 12345));
const once = BLOCK + FAR, lengths = [0, 1, 3, 4, 5, 1000, FAR, BLOCK, MiB - 1, MiB, MiB + 1, text.length];
for (const n of [once, once + BLOCK, once + 7 * BLOCK]) lengths.push(n - 1, n, n + 1, n + 31);
for (const n of lengths) {
  for (const from of [0, 1, 2, 7]) {
    const part = text.subarray(from, from + n);
    assert.equal(checksum(part), crc32(part), `CRC-32 of ${part.length} bytes from ${from}`);
  }
}

const file = new Blob([text]);
for (const [at, end] of [[1, 2], [4, MiB + 4], [38, 2 * MiB + 37], [77, text.length]]) {
  const { hashes, length, crc } = await hashSlice(file, at, end);
  const bytes = text.subarray(at, end), want = [];
  for (let p = 0; p < bytes.length; p += MiB) want.push(crypto.createHash('sha256').update('\0').update(bytes.subarray(p, p + MiB)).digest());
  assert.equal(length, bytes.length);
  assert.equal(crc, crc32(bytes));
  assert.deepEqual(Buffer.from(hashes), Buffer.concat(want));
}

// spreading loads worker.js over workers that do as they are told.
const verifier = fs.readFileSync(new URL('../page/worker.js', import.meta.url), 'utf8');
function spreading(Worker) {
  const self = {}, browser = { hardwareConcurrency: 3 };
  const load = new Function('self', 'navigator', 'Worker', 'FileReaderSync', `let onmessage; ${source}; ${verifier}; return { custodyHash: self.custodyHash, SLICE }`);
  return load(self, browser, Worker, class {});
}

// told makes a worker that handles its nth message, from 0, by what act(n, own) says,
// own being its number.
function told(act) {
  let started = 0;
  return class {
    constructor() { this.own = started++; this.n = 0; if (act('start', this.own) === 'throw') throw new Error('no workers here'); }
    terminate() { this.ended = true; }
    async postMessage({ id, file, at, end }) {
      const what = act(this.n++, this.own);
      if (what === 'die') return void setImmediate(() => this.onerror?.({}));
      const slice = await hashSlice(file, at, end);
      if (what === 'late') await new Promise((done) => setTimeout(done, 20));
      if (!this.ended) this.onmessage({ data: what === 'fail' ? { id, error: 'NotReadableError: gone' } : { id, slice } });
    }
  };
}

const { SLICE } = spreading(told(() => ''));
const large = crypto.randomFillSync(new Uint8Array(9 * SLICE + 77)), disk = new Blob([large]);
async function spreads(what, act, begin = 5) {
  const { custodyHash } = spreading(told(act));
  let at = begin;
  await custodyHash(disk, begin, large.length, (hashes, length, crc) => {
    const bytes = large.subarray(at, at + length);
    assert.equal(crc, crc32(bytes), `${what}: CRC-32 of the slice at ${at}`);
    assert.equal(hashes.length, 32 * Math.ceil(length / MiB), what);
    assert.deepEqual(Buffer.from(hashes.subarray(0, 32)), crypto.createHash('sha256').update('\0').update(bytes.subarray(0, MiB)).digest(), what);
    at += length;
  });
  assert.equal(at, large.length, `${what}: to the end`);
}
await spreads('at once', () => '');
await spreads('one is always late', (_, own) => own === 1 ? 'late' : '');
await spreads('one dies at its second slice', (n, own) => own === 2 && n === 1 ? 'die' : '');
await spreads('all die at their first', () => 'die');
await spreads('none starts', (n) => n === 'start' ? 'throw' : '');
await assert.rejects(spreads('a slice cannot be read', (n, own) => own === 1 && n === 1 ? 'fail' : ''), (e) => e === 'NotReadableError: gone');
console.log(`hasher: ${lengths.length * 4} CRC-32, 4 slices, 5 ways to spread a file, 1 that fails: as node's`);
