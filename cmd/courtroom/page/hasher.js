// Hashing one slice of a file. A browser digests in the thread that asks, so the
// verifier has up to four workers of this script, no more than cores, and reads small
// files itself with the same functions: worker.js stands after this there.
'use strict';

const MiB = 1 << 20;

const LEAD = 1; // a slice is read with the byte before it, for chunkHash

// hashSlice reads the bytes [at, end) of a file, at ≥ LEAD. It answers with the hash of
// every chunk of 1 MiB, 32 bytes each, in order, the number of bytes, and their CRC-32.
async function hashSlice(file, at, end) {
  const bytes = new Uint8Array(await file.slice(at - LEAD, end).arrayBuffer());
  const hashing = [];
  for (let p = LEAD; p < bytes.length; p += MiB) hashing.push(chunkHash(bytes, p));
  const crc = checksum(bytes.subarray(LEAD));
  const hashes = new Uint8Array(32 * hashing.length);
  (await Promise.all(hashing)).forEach((h, i) => hashes.set(new Uint8Array(h), 32 * i));
  const length = bytes.length - LEAD;
  return { hashes, length, crc };
}

// chunkHash is SHA-256(0x00 ‖ chunk), the leaf of RFC 6962, of the chunk at p > 0. The
// byte before the chunk stands in for the 0x00 meanwhile, which spares a copy of the
// chunk: digest() takes its own before it returns.
function chunkHash(bytes, p) {
  const before = bytes[p - 1];
  bytes[p - 1] = 0;
  const hash = crypto.subtle.digest('SHA-256', bytes.subarray(p - 1, p + MiB));
  bytes[p - 1] = before;
  return hash;
}

// CRC-32 (IEEE 802.3) by a sparse multiple of its generator: with y = x^32, which is one
// word, y^3006 = y^2866 + y^2215 + 1. So a word may be left out if it is added to those
// 140, 791 and 3006 words behind it, and of a long text little is left for a table.
// Kadatch and Jenkins (2010) and Russell (arXiv:2412.16398) describe this kind.
const [NEAR, MIDDLE, FAR] = [4 * 140, 4 * 791, 4 * 3006]; // bytes
const BLOCK = 128 * 1024;

// The adding is done in WebAssembly, seven times as fast as here: fold(end) adds to each
// word in memory from FAR to FAR + end, a multiple of 32, those so far before it.
const { fold, memory: folded } = (() => {
  const two = (n) => [n & 127 | 128, n >> 7]; // LEB128 of less than 1 << 14
  const at = [0x20, 1], load = (n) => [...at, 0x29, 0, ...two(n)], xor = 0x85; // local.get, i64.load
  const loop = [];
  for (let k = 0; k < 32; k += 8) {
    loop.push(...at, ...load(FAR + k), ...load(FAR - NEAR + k), xor, ...load(FAR - MIDDLE + k), xor, ...load(k), xor);
    loop.push(0x37, 0, ...two(FAR + k)); // i64.store
  }
  loop.push(...at, 0x41, 32, 0x6a, 0x22, 1, 0x20, 0, 0x49, 0x0d, 0); // if ((at += 32) < end) again
  const code = [1, 1, 0x7f, 0x03, 0x40, ...loop, 0x0b, 0x0b]; // at, a local; loop … end end
  const section = (id, ...body) => [id, ...two(body.length), ...body];
  const name = (text, ...what) => [text.length, ...[...text].map((c) => c.charCodeAt(0)), ...what];
  const module = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // WebAssembly 1.0, section 5.5
    ...section(1, 1, 0x60, 1, 0x7f, 0), ...section(3, 1, 0), ...section(5, 1, 0, 3), // (end: i32), three pages
    ...section(7, 2, ...name('fold', 0, 0), ...name('memory', 2, 0)), ...section(10, 1, ...two(code.length), ...code)];
  return new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(module))).exports;
})();
const room = new Uint8Array(folded.buffer);

const T = new Int32Array(256);
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  T[n] = c;
}

function checksum(bytes) {
  let c = -1, at = 0;
  room.fill(0, 0, FAR);
  for (; bytes.length - at >= BLOCK + FAR; at += BLOCK) {
    room.set(bytes.subarray(at, at + BLOCK), FAR);
    if (at === 0) for (let i = 0; i < 4; i++) room[FAR + i] ^= 255; // what c begins with
    fold(BLOCK);
    room.copyWithin(0, BLOCK, BLOCK + FAR);
    c = 0;
  }
  const rest = bytes.slice(at);
  if (at > 0) for (const far of [NEAR, MIDDLE, FAR]) for (let i = 0; i < far; i++) rest[i] ^= room[FAR - far + i];
  for (const b of rest) c = T[(c ^ b) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}

onmessage = async ({ data: { id, file, at, end } }) => {
  try {
    postMessage({ id, slice: await hashSlice(file, at, end) });
  } catch (e) {
    postMessage({ id, error: String(e) });
  }
};
