// looks.mjs PAGE CASES OUT [LANGUAGE…]: the views at three widths are without a violation that
// axe-core knows, nothing is cut or overlaps, and pictures of them are in OUT to be
// looked at. Every view in English and in Arabic, start and verdict in every
// language; with COURTROOM_ALL=1, and of languages that are named, every view.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { choose, check, open } from './browser.mjs';

const [page, cases, out, ...named] = process.argv.slice(2);
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
fs.mkdirSync(out, { recursive: true });
const widths = [320, 768, 1440];
const problems = [];

// laidOut returns what is cut, wider than the window, or written over another text.
function laidOut() {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth + 1) found.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);
  const visible = (e) => e.getClientRects().length > 0;
  const name = (e) => `${e.tagName.toLowerCase()}${e.id ? '#' + e.id : ''}.${e.getAttribute('class') ?? ''} “${e.textContent.trim().slice(0, 40)}”`;
  for (const e of document.querySelectorAll('body *')) {
    if (!visible(e) || e.closest('.unseen, .skip, iframe')) continue;
    const s = getComputedStyle(e);
    if (s.overflowX === 'hidden' && e.scrollWidth > e.clientWidth + 1) found.push('cut: ' + name(e));
    if (e.closest('.wide, svg') || s.position === 'absolute') continue;
    const box = e.getBoundingClientRect();
    if (box.right > root.clientWidth + 1 || box.left < -1) found.push('beside the window: ' + name(e));
  }
  for (const svg of document.querySelectorAll('svg')) {
    const all = [...svg.querySelectorAll('text')].map((t) => [t, t.getBBox()]);
    const view = svg.viewBox.baseVal;
    for (const [t, b] of all) if (b.x < -1 || b.x + b.width > view.width + 1 || b.y + b.height > view.height + 2) found.push('outside the picture: ' + name(t));
    for (let i = 1; i < all.length; i++) if (all[i][1].y < all[i - 1][1].y + all[i - 1][1].height * 0.6) found.push('one text on another: ' + name(all[i][0]));
  }
  return found;
}

const b = await open(page);
const { tab } = b;
await tab.evaluate(axe);
const shipped = await tab.evaluate(() => [...document.getElementById('court-language').options].map((o) => o.value));
for (const l of named) if (!shipped.includes(l)) throw new Error(`the page is not written in ${l}`);
const languages = named.length ? named : shipped;

async function look(view, language, width) {
  await tab.setViewportSize({ width, height: 900 });
  const at = `${view}, ${language}, ${width} px: `;
  for (const x of await tab.evaluate(laidOut)) problems.push(at + x);
  const picture = path.join(out, `${view}-${language}-${width}.png`);
  if (language === 'en' || width === 768) await tab.screenshot({ path: picture, fullPage: true });
}

async function inspect(view, language) {
  await tab.setViewportSize({ width: 1024, height: 900 });
  const found = await tab.evaluate(async () => {
    for (const d of document.querySelectorAll('details')) d.open = true;
    const r = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return r.violations.map((v) => `${v.id}: ${v.help} (${v.nodes.length}: ${v.nodes[0].target} ${v.nodes[0].failureSummary})`);
  });
  for (const x of found) problems.push(`${view}, ${language}: ${x}`);
}

async function everywhere(view) {
  const all = process.env.COURTROOM_ALL || named.length || view === 'start' || view === 'verdict';
  for (const language of languages.filter((l) => all || l === 'en' || l === 'ar')) {
    await tab.selectOption('#court-language', language);
    await tab.waitForFunction((l) => document.documentElement.lang === l, language);
    await tab.waitForFunction((l) => !courtAnswer() || courtShown() === l, language);
    for (const width of widths) await look(view, language, width);
    await inspect(view, language);
    const text = await tab.evaluate(() => document.body.innerText);
    for (const raw of text.match(/\b(court|check|lead|question|gap|overview)\.[a-z0-9.-]+\b/g) ?? []) {
      if (!/^check\.(sh|txt)$/.test(raw) && !(await tab.evaluate((r) => document.querySelector('.context')?.textContent.includes(r), raw))) problems.push(`${view}, ${language}: raw key ${raw}`);
    }
  }
  await tab.selectOption('#court-language', 'en');
}

await everywhere('start');
for (const view of ['undecided-no-list', 'verdict', 'fails', 'undecided', 'gaps', 'several', 'withheld']) {
  const file = path.join(cases, view + '.asice');
  const list = path.join(cases, view + '.trust');
  if (fs.existsSync(list)) await choose(tab, list);
  await check(tab, file);
  await everywhere(view);
  if (view === 'verdict') {
    await tab.emulateMedia({ media: 'print' });
    await tab.setViewportSize({ width: 794, height: 1123 });
    await tab.screenshot({ path: path.join(out, 'print.png'), fullPage: true });
    await tab.pdf({ path: path.join(out, 'print.pdf'), preferCSSPageSize: true });
    await tab.emulateMedia({ media: null });
  }
}
if (b.asked.length) problems.push('the page asked for ' + b.asked.join(', '));
if (b.errors.length) problems.push('the page reported ' + b.errors.join('; '));
await b.close();
for (const p of problems) console.log(p);
console.log(`${languages.length} languages, 8 views, ${widths.length} widths: ${problems.length} problems`);
if (problems.length) process.exit(1);
