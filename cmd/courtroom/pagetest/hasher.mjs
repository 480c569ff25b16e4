// hasher.mjs: the page's own CRC-32 and chunk hashes against those of node, for every
// length at which the way of computing changes.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import zlib from 'node:zlib';

const source = fs.readFileSync(new URL('../page/hasher.js', import.meta.url), 'utf8');
const { hashSlice, checksum, BLOCK, FAR } = new Function(`let onmessage; ${source}; return { hashSlice, checksum, BLOCK, FAR }`)();

const MiB = 1 << 20;
const text = crypto.randomFillSync(new Uint8Array(3 * MiB + 12345));
const once = BLOCK + FAR, lengths = [0, 1, 3, 4, 5, 1000, FAR, BLOCK, MiB - 1, MiB, MiB + 1, text.length];
for (const n of [once, once + BLOCK, once + 7 * BLOCK]) lengths.push(n - 1, n, n + 1, n + 31);
for (const n of lengths) {
  for (const from of [0, 1, 2, 7]) {
    const part = text.subarray(from, from + n);
    assert.equal(checksum(part), zlib.crc32(part), `CRC-32 of ${part.length} bytes from ${from}`);
  }
}

const file = new Blob([text]);
for (const [at, end] of [[1, 2], [4, MiB + 4], [38, 2 * MiB + 37], [77, text.length]]) {
  const { hashes, length, crc } = await hashSlice(file, at, end);
  const bytes = text.subarray(at, end), want = [];
  for (let p = 0; p < bytes.length; p += MiB) want.push(crypto.createHash('sha256').update('\0').update(bytes.subarray(p, p + MiB)).digest());
  assert.equal(length, bytes.length);
  assert.equal(crc, zlib.crc32(bytes));
  assert.deepEqual(Buffer.from(hashes), Buffer.concat(want));
}
console.log(`hasher: ${lengths.length * 4} CRC-32, 4 slices: as node's`);
