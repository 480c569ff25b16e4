// keys.mjs PAGE CASES: the whole way with the keyboard alone: trust list, package,
// answer, a copy shown, the verdict saved. Every control on the way shows that it
// has the focus, and none holds it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { idle, open } from './browser.mjs';

const [page, cases] = process.argv.slice(2);
const b = await open(page);
const { tab } = b;
// With a listener from the start no Enter opens a dialogue of the machine's own, which
// nobody would answer: one that comes with the key can be too late.
tab.on('filechooser', () => {});
await tab.evaluate(() => {});

// focused describes what has the focus and whether that can be seen.
const focused = () => tab.evaluate(() => {
  const e = document.activeElement;
  const shown = e.classList.contains('court-file') ? e.nextElementSibling : e;
  const s = getComputedStyle(shown);
  const box = shown.getBoundingClientRect();
  return { id: e.id, tag: e.tagName, text: e.getAttribute('aria-label') || e.textContent.trim().slice(0, 60), ring: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2, inside: box.bottom > 0 && box.top < innerHeight };
});

async function tabTo(match, most = 400) {
  for (let i = 0; i < most; i++) {
    await tab.keyboard.press('Tab');
    const f = await focused();
    if (f.tag === 'BODY') continue;
    assert.ok(f.ring, `no ring on ${f.tag} ${f.id} “${f.text}”`);
    assert.ok(f.inside, `${f.tag} ${f.id} “${f.text}” has the focus outside the window`);
    if (match(f)) return f;
  }
  assert.fail('never reached');
}

async function chooseWithKeys(id, file) {
  await tabTo((f) => f.id === id);
  const chooser = tab.waitForEvent('filechooser');
  await tab.keyboard.press('Enter');
  await (await chooser).setFiles(file);
  return idle(tab);
}

await tabTo((f) => f.tag === 'A'); // the way past the head comes first
await chooseWithKeys('court-list-file', path.join(cases, 'verdict.trust'));
assert.ok(await tab.isVisible('#court-list'));
await tabTo((f) => f.id === 'court-all');
await tab.keyboard.press('Space');
assert.ok(await tab.isChecked('#court-all'));
await tab.keyboard.press('Space');
assert.ok((await chooseWithKeys('court-file', path.join(cases, 'verdict.asice'))).answer);
assert.equal((await focused()).id, 'answer'); // the answer is read out first
await tabTo((f) => f.tag === 'SUMMARY');
await tab.keyboard.press('Enter');
await tabTo((f) => f.tag === 'BUTTON' && f.text.startsWith('Show '));
await tab.keyboard.press('Enter');
await tab.waitForSelector('iframe');
await tab.keyboard.press('Enter');
await tab.waitForFunction(() => !document.querySelector('iframe'));
await tabTo((f) => f.tag === 'BUTTON' && f.text.startsWith('Save ') && f.id === '');
const copy = tab.waitForEvent('download');
await tab.keyboard.press('Enter');
assert.ok(fs.statSync(await (await copy).path()).size > 0);
await tabTo((f) => f.id === 'court-save-json');
const saved = tab.waitForEvent('download');
await tab.keyboard.press('Enter');
assert.equal(fs.readFileSync(await (await saved).path(), 'utf8'), await tab.evaluate(() => courtAnswer().json));
await tabTo((f) => f.id === 'court-again');
await tab.keyboard.press('Enter');
assert.equal((await focused()).id, 'court-title');
assert.deepEqual(b.asked, []);
assert.deepEqual(b.errors, []);
await b.close();
console.log('the whole way with the keyboard alone: done');
