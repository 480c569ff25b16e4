// forms.mjs FORMS OUT: every page in the folder FORMS is without a violation that
// axe-core knows, no wider than its window at three widths, and asks for nothing;
// pictures and a PDF as it is printed are in OUT to be looked at.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { start } from './browser.mjs';

const [forms, out] = process.argv.slice(2);
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
fs.mkdirSync(out, { recursive: true });
const problems = [];
const b = await start();
const { tab } = b;
// The pages forbid every script: axe is given to the browser, not to them.
const pages = fs.readdirSync(forms).filter((f) => f.endsWith('.html'));
for (const name of pages) {
  await tab.setViewportSize({ width: 1024, height: 900 });
  await tab.goto(pathToFileURL(path.resolve(forms, name)).href);
  const scripts = await tab.evaluate(() => document.scripts.length);
  if (scripts) problems.push(`${name}: ${scripts} scripts`);
  await tab.evaluate(axe);
  const found = await tab.evaluate(async () => {
    const r = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return r.violations.map((v) => `${v.id}: ${v.help} (${v.nodes.length}: ${v.nodes[0].target} ${v.nodes[0].failureSummary})`);
  });
  for (const x of found) problems.push(`${name}: ${x}`);
  for (const width of [320, 768, 1440]) {
    await tab.setViewportSize({ width, height: 900 });
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 1) problems.push(`${name}: ${wide} wider than ${width}`);
  }
  if (/^(eio-annex-a|epoc)-/.test(name)) {
    await tab.setViewportSize({ width: 768, height: 900 });
    await tab.screenshot({ path: path.join(out, name + '.png'), fullPage: true });
    await tab.pdf({ path: path.join(out, name + '.pdf'), preferCSSPageSize: true });
  }
}
const asked = b.asked.filter((u) => !u.startsWith(pathToFileURL(path.resolve(forms)).href));
if (asked.length) problems.push('the pages asked for ' + asked.join(', '));
await b.close();
for (const p of problems) console.log(p);
console.log(`${pages.length} pages: ${problems.length} problems`);
if (problems.length || !pages.length) process.exit(1);
