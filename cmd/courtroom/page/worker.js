// The worker that verifies: Go's own support (wasm_exec.js) stands before this.
'use strict';

const MiB = 1 << 20;
const SLICE = 8 * MiB; // small slices are what makes a browser slow
const AHEAD = 3; // slices being read while one is hashed

let start;
const started = new Promise((resolve) => { start = resolve; });
self.custodyReady = (functions) => start(functions);

// custodyRead returns the bytes [at, end) of a file, or as text why it could not.
const reader = new FileReaderSync();
self.custodyRead = (file, at, end) => {
  try {
    return new Uint8Array(reader.readAsArrayBuffer(file.slice(at, end)));
  } catch (e) {
    return String(e.message || e);
  }
};

// A slice is read with the LEAD bytes before it: chunkHash needs one, and four keep
// its words where an Int32Array can take them.
const LEAD = 4;

// custodyHash reads the bytes [at, end) of a file, at ≥ LEAD, and calls part(hashes, n)
// with the hash of every chunk of 1 MiB, 32 bytes each, in order, and the number of
// bytes they are of. It answers with the CRC-32 of them all.
self.custodyHash = async (file, at, end, part) => {
  const read = (k) => {
    const from = at + k * SLICE;
    return from < end ? file.slice(from - LEAD, Math.min(from + SLICE, end)).arrayBuffer() : null;
  };
  const queue = [];
  for (let k = 0; k < AHEAD; k++) queue.push(read(k));
  let crc = -1;
  const begun = []; // slices being hashed, while the next one is read and summed
  const finish = async ({ hashing, length }) => {
    const hashes = new Uint8Array(32 * hashing.length);
    (await Promise.all(hashing)).forEach((h, i) => hashes.set(new Uint8Array(h), 32 * i));
    part(hashes, length);
  };
  for (let k = 0, next; (next = queue.shift()); k++) {
    const bytes = new Uint8Array(await next);
    queue.push(read(k + AHEAD));
    const hashing = [];
    for (let p = LEAD; p < bytes.length; p += MiB) hashing.push(chunkHash(bytes, p));
    begun.push({ hashing, length: bytes.length - LEAD });
    crc = checksum(crc, bytes.buffer, LEAD);
    if (begun.length > 2) await finish(begun.shift());
  }
  while (begun.length > 0) await finish(begun.shift());
  return ~crc >>> 0;
};

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

// CRC-32 (IEEE 802.3), sixteen bytes at a step ("slicing-by-16"): T has sixteen tables
// of 256, the one for the byte that is n bytes from the end of a step at 256 n. Words
// are read as the machine has them, and every browser's has the low byte first. Reading
// them from one Int32Array is three times as fast in Chromium as from a DataView.
const T = new Int32Array(16 * 256);
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  T[n] = c;
}
for (let n = 256; n < T.length; n++) T[n] = T[T[n - 256] & 255] ^ (T[n - 256] >>> 8);

// checksum continues a CRC-32 over the bytes of a buffer from at on, a multiple of 4.
function checksum(crc, buffer, at) {
  const words = new Int32Array(buffer, at, (buffer.byteLength - at) >> 2);
  const end = words.length & ~3;
  let c = crc;
  for (let i = 0; i < end; i += 4) {
    const a = c ^ words[i];
    const b = words[i + 1];
    const d = words[i + 2];
    const e = words[i + 3];
    c = T[3840 | a & 255] ^ T[3584 | (a >>> 8) & 255] ^ T[3328 | (a >>> 16) & 255] ^ T[3072 | a >>> 24] ^
      T[2816 | b & 255] ^ T[2560 | (b >>> 8) & 255] ^ T[2304 | (b >>> 16) & 255] ^ T[2048 | b >>> 24] ^
      T[1792 | d & 255] ^ T[1536 | (d >>> 8) & 255] ^ T[1280 | (d >>> 16) & 255] ^ T[1024 | d >>> 24] ^
      T[768 | e & 255] ^ T[512 | (e >>> 8) & 255] ^ T[256 | (e >>> 16) & 255] ^ T[e >>> 24];
  }
  const bytes = new Uint8Array(buffer, at + 4 * end);
  for (let i = 0; i < bytes.length; i++) c = T[(c ^ bytes[i]) & 255] ^ (c >>> 8);
  return c;
}

let memory; // of the Go program

// What the page asks for. Every message has a number, and so has its answer.
const asked = {
  async start({ module }) {
    const go = new Go();
    const instance = await WebAssembly.instantiate(module, go.importObject);
    memory = instance.exports.mem;
    go.run(instance); // ends only with the worker
    self.custody = await started;
  },
  list: ({ bytes, source, name }) => self.custody.list(bytes, source, name),
  verify: ({ file, tree, id }) => self.custody.verify(file, tree, (done, total) => tell(id, done, total)),
  report: ({ language }) => self.custody.report(language),
  saved: ({ language }) => self.custody.saved(language),
  copy: ({ number }) => self.custody.copy(number),
  memory: () => memory.buffer.byteLength,
};

let told = 0;
function tell(id, done, total) {
  const now = performance.now();
  if (now - told < 100 && done < total) return;
  told = now;
  postMessage({ id, done, total });
}

onmessage = async ({ data }) => {
  try {
    postMessage({ id: data.id, answer: await asked[data.ask](data) });
  } catch (e) {
    postMessage({ id: data.id, error: String(e && e.message || e) });
  }
};
