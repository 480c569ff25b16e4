// The page: it starts the verifier out of this very file, hands it what a person
// chose, and shows its answer. It decides nothing.
'use strict';
(() => {
  const $ = (id) => document.getElementById(id);
  const catalogues = JSON.parse($('court-words').textContent);

  // --- words -------------------------------------------------------------
  let language = nearest(navigator.languages || [navigator.language]);

  function nearest(wanted) {
    for (const tag of wanted) {
      const code = String(tag).toLowerCase();
      const found = Object.keys(catalogues).find((c) => c !== 'frame' && (c === code || c === code.split('-')[0]));
      if (found) return found;
    }
    return 'en';
  }

  // word returns a text with its %s replaced in order.
  function word(key, ...args) {
    return catalogues[language].words[key].replace(/%s/g, () => args.shift());
  }

  function speak() {
    document.documentElement.lang = language;
    document.documentElement.dir = catalogues[language].direction;
    for (const e of document.querySelectorAll('[data-word]')) e.textContent = word(e.dataset.word);
    for (const e of document.querySelectorAll('[data-label]')) e.setAttribute('aria-label', word(e.dataset.label));
    $('court-language').value = language;
    if (!answer) document.title = word('title');
  }

  // Amounts are written as the language writes numbers; in each its own unit.
  const amount = (n, unit, digits = 0) => new Intl.NumberFormat(language, {
    style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: digits }).format(n);
  function size(n) {
    if (n < 1e3) return amount(n, 'byte');
    if (n < 1e6) return amount(n / 1e3, 'kilobyte');
    return n < 1e9 ? amount(n / 1e6, 'megabyte') : amount(n / 1e9, 'gigabyte', 2);
  }
  function duration(seconds) {
    if (seconds < 90) return amount(Math.max(1, Math.round(seconds)), 'second');
    return seconds < 5400 ? amount(Math.round(seconds / 60), 'minute') : amount(seconds / 3600, 'hour', 1);
  }

  // --- the verifier ------------------------------------------------------
  let module, worker, waiting = new Map(), number = 0, list = null;

  async function compile() {
    const text = $('court-wasm').textContent;
    $('court-wasm').remove();
    const stream = new Blob([fromText(text)]).stream().pipeThrough(new DecompressionStream('gzip'));
    return WebAssembly.compileStreaming(new Response(stream, { headers: { 'content-type': 'application/wasm' } }));
  }

  // fromText reads digits to the base of 116: seven are six bytes, a number of 48 bits,
  // and at the end n + 1 are n.
  function fromText(text) {
    const whole = Math.floor(text.length / 7), rest = Math.max(0, text.length % 7 - 1);
    const bytes = new Uint8Array(whole * 6 + 6), view = new DataView(bytes.buffer);
    const digit = (i) => { const c = text.charCodeAt(i); return c > 60 ? c - 11 : c > 13 ? c - 10 : c - 1; };
    const group = (i, at, end) => {
      let n = 0;
      while (i < end) n = n * 116 + digit(i++);
      const high = Math.floor(n / 2 ** 32);
      view.setUint16(at, high);
      view.setUint32(at + 2, n - high * 2 ** 32);
    };
    for (let n = 0; n < whole; n++) group(n * 7, n * 6, n * 7 + 7);
    group(whole * 7, whole * 6, text.length);
    bytes.copyWithin(whole * 6, whole * 6 + 6 - rest);
    return bytes.subarray(0, whole * 6 + rest);
  }

  // begin starts a worker; one that was stopped took its program with it.
  async function begin() {
    module = module || compile();
    const hasher = $('court-hasher').textContent;
    const url = URL.createObjectURL(new Blob([$('court-go').textContent, hasher, $('court-worker').textContent], { type: 'text/javascript' }));
    worker = new Worker(url);
    const mine = waiting = new Map();
    worker.onmessage = ({ data }) => {
      const w = mine.get(data.id);
      if (!w) return;
      if (data.total !== undefined) return w.progress && w.progress(data.done, data.total);
      mine.delete(data.id);
      if (data.error === undefined) w.resolve(data.answer); else w.reject(new Error(data.error));
    };
    worker.onerror = (e) => { for (const w of mine.values()) w.reject(new Error(e.message)); mine.clear(); };
    await ask('start', { module: await module, hasher });
    URL.revokeObjectURL(url);
    if (list) await ask('list', list);
  }

  function ask(what, rest = {}, progress) {
    const id = ++number;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject, progress });
      worker.postMessage({ id, ask: what, ...rest });
    });
  }

  // --- the trust list ----------------------------------------------------
  async function takeList(bytes, source, name) {
    const facts = JSON.parse(await ask('list', { bytes, source, name }));
    list = { bytes, source, name, facts };
    showList();
  }

  function showList() {
    $('court-list-none').hidden = Boolean(list);
    $('court-list').hidden = !list;
    if (!list) return;
    const f = list.facts;
    facts($('court-list'), [
      ['list.from', list.source === 'pinned' ? word('list.built-in') : word('list.given', list.name)],
      ['list.version', String(f.version)], ['list.issued', f.issued], ['list.until', f.until],
      ['list.digest', f.sha256, 'code'], ['list.states', (f.states || []).join(', ')],
    ]);
  }

  function facts(dl, rows) {
    dl.replaceChildren(...rows.map(([key, value, kind]) => {
      const row = make('div', {}, make('dt', {}, word(key)), make('dd', kind ? { class: kind } : {}, make('bdi', {}, value)));
      return row;
    }));
  }

  function make(name, attributes, ...children) {
    const e = document.createElement(name);
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    e.append(...children);
    return e;
  }

  // --- what a person does ------------------------------------------------
  let chosen = null, answer = null, running = 0;

  // doing counts what a person began and the page has not ended.
  let doing = 0;
  const act = (what) => { doing++; return what().finally(() => { doing--; }); };

  function show(id) {
    for (const part of ['court-start', 'court-work', 'court-answer']) $(part).hidden = part !== id;
    $('court-trust').hidden = id === 'court-work';
  }

  function problem(where, text) {
    $(where).textContent = text;
    $(where).hidden = !text;
  }

  // take looks at the first bytes of what came in: a trust list and a package may
  // come together, in any order.
  async function take(files) {
    problem('court-problem', '');
    problem('court-list-problem', '');
    let file = null;
    for (const f of files) {
      if (await isList(f)) await chooseList(f); else file = f;
    }
    if (file) { chosen = file; await check(); } else if (chosen && answer) await check();
  }

  async function isList(f) {
    if (f.size > 16 * 1024 * 1024) return false;
    const head = new TextDecoder().decode(await f.slice(0, 64).arrayBuffer());
    return head.startsWith('custody-trust/') || head.startsWith('{"certificates":');
  }

  async function chooseList(f) {
    try {
      await takeList(new Uint8Array(await f.arrayBuffer()), 'given', f.name);
    } catch (e) {
      problem('court-list-problem', word('list.bad', f.name) + ' (' + e.message + ')');
    }
  }

  // check verifies the chosen file. One check at a time: what a newer one has made
  // pointless ends before that begins, so that the verifier holds the newest.
  let busy = Promise.resolve();
  async function check() {
    const mine = ++running;
    const before = busy;
    let end;
    busy = new Promise((resolve) => { end = resolve; });
    answer = null;
    $('court-work-title').textContent = word('work.title', chosen.name);
    $('court-progress').removeAttribute('value');
    $('court-progress-text').textContent = word('work.reading');
    show('court-work');
    $('court-work-title').focus();
    const from = performance.now();
    let spoken = 0;
    const progress = (done, total) => {
      if (mine !== running || !total) return;
      $('court-progress').max = total;
      $('court-progress').value = done;
      const took = (performance.now() - from) / 1000;
      const text = word('work.progress', size(done), size(total), duration(took / Math.max(done, 1) * (total - done)));
      $('court-progress-text').textContent = text;
      if (took - spoken > 5) { spoken = took; $('court-spoken').textContent = text; }
    };
    try {
      await before;
      if (mine !== running) return;
      const tree = !$('court-all').checked;
      const got = JSON.parse(await ask('verify', { file: chosen, tree }, progress));
      if (mine !== running) return;
      answer = got;
      await render();
      show('court-answer');
      $('answer').focus();
    } catch (e) {
      if (mine !== running) return;
      show('court-start');
      problem('court-problem', word('failed', chosen.name, e.message));
    } finally {
      end();
    }
  }

  async function cancel() {
    running++;
    worker.terminate();
    for (const w of waiting.values()) w.reject(new Error('cancelled'));
    const stopped = begin();
    show('court-start');
    problem('court-problem', word('cancelled'));
    $('court-title').focus();
    await stopped;
  }

  // render shows the answer in the chosen language. The HTML is the verifier's own
  // template; all that came from the package is escaped in it, and the policy of
  // this page runs no script but its own.
  async function render() {
    const wanted = language;
    const page = JSON.parse(await ask('report', { language: wanted }));
    if (wanted !== language) return; // switched again meanwhile
    document.title = page.title;
    $('court-answer-title').textContent = page.title.split(':')[0];
    $('court-report').innerHTML = page.main;
    $('court-report-foot').innerHTML = page.foot;
    printHead(page.running);
    showCopies(page.copies || []);
    shown = wanted;
  }

  let shown = null; // language of the report on the page
  let printed = null;
  function printHead(text) {
    const sheet = document.styleSheets[0];
    if (printed !== null) sheet.deleteRule(printed);
    printed = sheet.insertRule('@page { @top-left { content: "' + text + '"; } }', sheet.cssRules.length);
  }

  // --- evidence copies ---------------------------------------------------
  function showCopies(copies) {
    const items = Map.groupBy ? Map.groupBy(copies.map((c, n) => ({ ...c, n })), (c) => c.item) : group(copies);
    for (const [item, own] of items) {
      const question = $(item + '-question-1');
      if (!question) continue;
      const rows = own.map((c) => copyRow(c));
      question.append(make('div', { class: 'court-copies' },
        make('h4', {}, word('copies.title')), make('p', { class: 'note' }, word('copies.note')), make('ul', {}, ...rows)));
    }
  }

  function group(copies) {
    const items = new Map();
    copies.forEach((c, n) => items.set(c.item, [...(items.get(c.item) || []), { ...c, n }]));
    return items;
  }

  function copyRow(c) {
    const row = make('li', {}, make('span', { class: 'name' }, make('bdi', {}, c.name), ' · ', size(c.size)));
    if (c.kind) row.append(button(word('copies.show'), word('copies.show') + ' ' + c.name, (b) => preview(c, row, b)));
    row.append(button(word('copies.save'), word('copies.save') + ' ' + c.name, () => verified(c, row, (blob) => save(blob, c.name))));
    return row;
  }

  function button(text, label, act) {
    const b = make('button', { type: 'button', class: 'court-plain', 'aria-label': label }, text);
    b.onclick = () => act(b);
    return b;
  }

  // verified checks a copy once more and hands out its bytes as a part of the file.
  async function verified(c, row, use) {
    row.querySelector('.court-problem')?.remove();
    try {
      const { at, size } = await ask('copy', { number: c.n });
      await use(chosen.slice(at, at + size));
    } catch (e) {
      row.append(make('p', { class: 'court-problem', role: 'alert' }, word('copies.changed')));
    }
  }

  const SHOWN = 1 << 20; // bytes of a text; an image is shown up to 32 times that

  function preview(c, row, b) {
    const open = row.querySelector('iframe');
    if (open) { open.remove(); b.setAttribute('aria-expanded', 'false'); return; }
    return verified(c, row, async (blob) => {
      const frame = make('iframe', { sandbox: '', title: c.name, tabindex: '0' });
      frame.srcdoc = '<!doctype html><html lang="und"><head><title>' + escape(c.name) + '</title><style>' + catalogues.frame + '</style></head><body>' +
        await inside(c, blob) + '</body></html>';
      row.append(frame);
      b.setAttribute('aria-expanded', 'true');
    });
  }

  async function inside(c, blob) {
    if (c.kind === 'image') {
      if (blob.size > 32 * SHOWN) return '<p>' + escape(word('copies.large')) + '</p>';
      return '<img alt="" src="' + await dataURL(blob, c.type) + '">';
    }
    const text = new TextDecoder().decode(await blob.slice(0, SHOWN).arrayBuffer());
    const cut = blob.size > SHOWN ? '<p>' + escape(word('copies.cut')) + '</p>' : '';
    return cut + (c.kind === 'table' ? tableOf(text, c.name.endsWith('.tsv') ? '\t' : ',') : '<pre>' + escape(text) + '</pre>');
  }

  function dataURL(blob, type) {
    return new Promise((resolve, reject) => {
      const r = new FileReader();
      r.onload = () => resolve(r.result);
      r.onerror = () => reject(r.error);
      r.readAsDataURL(new Blob([blob], { type }));
    });
  }

  // tableOf reads comma-separated values (RFC 4180).
  function tableOf(text, comma) {
    const rows = [[]];
    let cell = '', quoted = false;
    const end = () => { rows[rows.length - 1].push(cell); cell = ''; };
    for (let i = 0; i < text.length; i++) {
      const c = text[i];
      if (quoted) {
        if (c !== '"') cell += c;
        else if (text[i + 1] === '"') { cell += '"'; i++; } else quoted = false;
      } else if (c === '"' && cell === '') quoted = true;
      else if (c === comma) end();
      else if (c === '\n') { end(); rows.push([]); }
      else if (c !== '\r') cell += c;
    }
    end();
    const line = (r) => '<tr>' + r.map((x) => '<td>' + escape(x) + '</td>').join('') + '</tr>';
    return '<table>' + rows.filter((r) => r.length > 1 || r[0]).slice(0, 5000).map(line).join('') + '</table>';
  }

  const escape = (s) => s.replace(/[&<>"']/g, (c) => '&#' + c.charCodeAt(0) + ';');

  function save(blob, name) {
    const a = make('a', { download: name, href: URL.createObjectURL(blob) });
    document.body.append(a);
    a.click();
    a.remove();
    setTimeout(() => URL.revokeObjectURL(a.href), 60000);
  }

  // --- wiring ------------------------------------------------------------
  // picked empties the input, so that the same file can be chosen again.
  function picked(input, use) {
    const files = [...input.files];
    input.value = '';
    if (files.length) act(() => use(files));
  }
  $('court-file').onchange = (e) => picked(e.target, take);
  $('court-list-file').onchange = (e) => picked(e.target, async ([f]) => {
    problem('court-list-problem', '');
    await chooseList(f);
    if (chosen && answer) await check();
  });
  $('court-cancel').onclick = () => act(cancel);
  $('court-again').onclick = () => { answer = null; chosen = null; show('court-start'); speak(); $('court-title').focus(); };
  $('court-print').onclick = () => window.print();
  $('court-save-json').onclick = () => save(new Blob([answer.json], { type: 'application/json' }), 'verdict.json');
  $('court-save-report').onclick = async () => save(new Blob([await ask('saved', { language })], { type: 'text/html' }), 'report.html');
  $('court-language').onchange = async (e) => {
    language = e.target.value;
    speak();
    showList();
    if (answer) await act(render);
  };
  addEventListener('dragover', (e) => { e.preventDefault(); $('court-drop').classList.add('over'); });
  addEventListener('dragleave', () => $('court-drop').classList.remove('over'));
  addEventListener('drop', (e) => { e.preventDefault(); $('court-drop').classList.remove('over'); const f = [...e.dataTransfer.files]; act(() => take(f)); });
  addEventListener('paste', (e) => { const f = [...e.clipboardData.files]; if (f.length) act(() => take(f)); });

  speak();
  show('court-start');
  const builtIn = $('court-list-built-in').textContent;
  globalThis.courtReady = begin()
    .then(() => builtIn && takeList(Uint8Array.from(atob(builtIn), (c) => c.charCodeAt(0)), 'pinned', ''))
    .then(() => { document.documentElement.dataset.ready = 'yes'; })
    .catch((e) => problem('court-problem', word('not-started', e.message)));
  // For those who test the page: what it shows, as of one moment, once nothing is
  // under way any more.
  const state = () => doing === 0 && { answer, language: shown, problem: $('court-problem').textContent + $('court-list-problem').textContent };
  Object.assign(globalThis, { courtState: state, courtAnswer: () => answer, courtShown: () => shown, courtAsk: ask });
})();
