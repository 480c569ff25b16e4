// The worker that verifies: Go's own support (wasm_exec.js) and hasher.js stand before
// this.
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

const SLICE = 16 * MiB; // small slices are what makes a browser slow
const HASHERS = Math.min(navigator.hardwareConcurrency || 1, 4); // each holds two slices

// custodyHash reads the bytes [at, end) of a file, at ≥ LEAD, and calls part(hashes,
// n, crc) for slice after slice, in order: the hash of every chunk of 1 MiB, the
// number of bytes they are of, and the CRC-32 of those bytes.
self.custodyHash = async (file, at, end, part) => {
  const count = Math.ceil((end - at) / SLICE);
  const hash = count > 1 ? spread() : (_, ...slice) => hashSlice(...slice);
  const slice = (k) => hash(k, file, at + k * SLICE, Math.min(at + (k + 1) * SLICE, end));
  const begun = [];
  try {
    for (let asked = 0, k = 0; k < count; k++) {
      while (asked < count && asked < k + 2 * HASHERS) begun.push(slice(asked++));
      const { hashes, length, crc } = await begun.shift();
      part(hashes, length, crc);
    }
  } finally {
    for (const slice of begun) slice.catch(() => {}); // the first error is the one told
  }
};

let hasherURL; // of hasher.js
let hashers; // started with the first file of more than one slice, and kept

// spread returns a function that has slice k hashed by one of the hashers in turn.
function spread() {
  hashers ??= Array.from({ length: HASHERS }, hasher);
  return (k, ...slice) => hashers[k % HASHERS](...slice);
}

// hasher starts a worker and returns hashSlice as that worker does it. Where a browser
// starts none, or it dies, its slices are hashed here.
function hasher() {
  const waiting = new Map();
  let worker, number = 0;
  const died = () => {
    worker?.terminate();
    worker = null;
    for (const { slice, resolve } of waiting.values()) resolve(hashSlice(...slice));
    waiting.clear();
  };
  try {
    worker = new Worker(hasherURL);
    worker.onerror = died;
    worker.onmessage = ({ data: { id, slice, error } }) => {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (slice) resolve(slice); else reject(error);
    };
  } catch {
    died();
  }
  return (...slice) => worker ? new Promise((resolve, reject) => {
    waiting.set(++number, { slice, resolve, reject });
    const [file, at, end] = slice;
    worker.postMessage({ id: number, file, at, end });
  }) : hashSlice(...slice);
}

let memory; // of the Go program

// What the page asks for. Every message has a number, and so has its answer.
const asked = {
  async start({ module, hasher }) {
    hasherURL = URL.createObjectURL(new Blob([hasher], { type: 'text/javascript' }));
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
