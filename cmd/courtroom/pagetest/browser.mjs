// A real Chromium with the page opened from disk and the network cut off.
import { chromium } from 'playwright-core';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// start starts a browser with a fresh profile. Every request that is not for a file
// that is its `own` is kept in `asked`.
export async function start({ own = '', width = 1024, height = 900, locale = 'en-GB', colors = 'light' } = {}) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'courtroom-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, chromiumSandbox: false,
    viewport: { width, height }, locale, colorScheme: colors, acceptDownloads: true, offline: true,
    args: ['--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-dev-shm-usage', '--enable-precise-memory-info', '--js-flags=--expose-gc'],
  });
  const asked = [], errors = [];
  const tab = context.pages()[0] ?? await context.newPage();
  context.on('request', (r) => { if (r.url() !== own && !/^(blob|data|about):/.test(r.url())) asked.push(r.url()); });
  tab.on('pageerror', (e) => errors.push(String(e)));
  tab.on('console', (m) => { if (m.type() === 'error') errors.push(m.text()); });
  tab.setDefaultTimeout(120000);
  return { tab, asked, errors, close: async () => { await context.close(); fs.rmSync(profile, { recursive: true, force: true }); } };
}

// open starts a browser and opens the page in it.
export async function open(page, options = {}) {
  const own = pathToFileURL(path.resolve(page)).href;
  const browser = await start({ ...options, own });
  const from = performance.now();
  await browser.tab.goto(own);
  await browser.tab.waitForFunction(() => document.documentElement.dataset.ready === 'yes');
  return { ...browser, ready: performance.now() - from };
}

// idle waits until nothing is under way and returns what the page then shows, as of
// one moment: {answer, language, problem}.
export async function idle(tab) {
  return (await tab.waitForFunction(() => courtState())).jsonValue();
}

// choose gives the page a trust list and waits until it is taken. A package already
// chosen is checked against it at once; that, too, has then ended.
export async function choose(tab, list) {
  await tab.setInputFiles('#court-list-file', list);
  const { problem } = await idle(tab);
  if (problem) throw new Error(`${path.basename(list)}: ${problem}`);
}

// check gives the page a package and returns the answer it comes to.
export async function check(tab, file, { all = false } = {}) {
  await tab.evaluate((all) => { document.getElementById('court-all').checked = all; }, all);
  await tab.setInputFiles('#court-file', file);
  const { answer, problem } = await idle(tab);
  if (!answer) throw new Error(`${path.basename(file)}: the page gave no answer: ${problem}`);
  return answer;
}
