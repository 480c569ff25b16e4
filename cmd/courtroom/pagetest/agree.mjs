// agree.mjs PAGE CUSTODY CASES: of every case, a package NAME.asice with its trust
// list NAME.trust, the page prints byte for byte what `custody verify --json`
// does, in both modes, and the tour's package holds; recomputing everything for some, or for all
// with COURTROOM_ALL=1. A case without .trust is checked without any list.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { choose, check, open } from './browser.mjs';

const [page, custody, cases] = process.argv.slice(2);
const run = promisify(execFile);

async function tool(name, list, args) {
  const trust = list ? ['--trust', list] : [];
  const options = { cwd: cases, maxBuffer: 1 << 30, env: { ...process.env, CUSTODY_HOME: '/nonexistent' } };
  try {
    return (await run(path.resolve(custody), ['verify', '--json', ...args, ...trust, name], options)).stdout;
  } catch (e) {
    if (e.stdout) return e.stdout; // it holds the verdict, whatever the exit code
    throw e;
  }
}

const names = fs.readdirSync(cases).filter((n) => n.endsWith('.asice')).sort();
if (!names.includes('tour.asice')) throw new Error(`${cases} has ${names.length} packages, and not the tour's`);
const { tab, asked, errors, close } = await open(page);
let wrong = 0, compared = 0;
const results = {};
let last = '';
for (const withList of [false, true]) { // once a list is chosen it stays
  for (const name of names) {
    const list = name.replace(/\.asice$/, '.trust');
    if (fs.existsSync(path.join(cases, list)) !== withList) continue;
    if (withList) {
      const text = fs.readFileSync(path.join(cases, list), 'utf8');
      if (text !== last) await choose(tab, path.join(cases, list));
      last = text;
    }
    for (const all of process.env.COURTROOM_ALL || compared % 4 === 0 ? [false, true] : [false]) {
      const got = await check(tab, path.join(cases, name), { all });
      const want = await tool(name, withList ? list : '', all ? [] : ['--tree']);
      compared++;
      if (name === 'tour.asice' && got.status !== 'holds') throw new Error(`the tour's package: ${got.status}`);
      results[got.status] = (results[got.status] ?? 0) + 1;
      if (got.json !== want) {
        wrong++;
        console.log(`${name}, ${all ? 'everything' : 'tree'}:\n  page ${got.json.slice(0, 2000)}\n  tool ${want.slice(0, 2000)}`);
      }
    }
  }
}
await close();
if (asked.length) throw new Error('the page asked for ' + asked.join(', '));
if (errors.length) throw new Error('the page reported ' + errors.join('; '));
console.log(`${compared} verdicts on ${names.length} packages, of the page and of the tool: ${wrong} differ; ${JSON.stringify(results)}`);
if (wrong || !results.holds || !results.fails || !results.undecided) process.exit(1);
