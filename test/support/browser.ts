/**
 * The browser of the tests of pages: Debian's chromium, driven by playwright-core. Where there is none its tests are skipped
 * aloud; with CI set they fail.
 */
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, describe, onTestFinished } from 'vitest';
import { TOP } from './cli.ts';

const PATH = execFileSync(process.execPath, ['scripts/browser.mjs'], { cwd: TOP, encoding: 'utf8' });
const mustRun = (process.env['CI'] ?? '') !== '';
if (PATH === '' && !mustRun)
  console.warn('SKIPPED: tests of pages need a browser (apt-get install chromium)');

/** What a page may take for anything, on two cores that serve many others; less than the test may. */
const TIMEOUT_MS = 120_000;

/** A group of tests that need the browser. */
export function describePages(name: string, tests: () => void): void {
  describe.skipIf(PATH === '' && !mustRun)(name, tests);
}

/** A page and what it did that no page of ours may do. */
export interface Opened {
  readonly page: Page;
  readonly faults: readonly string[]; // errors, messages on the console, dialogs
  readonly requests: readonly string[]; // but for the page itself
}

let browser: Promise<Browser> | undefined;
afterAll(async () => (await browser)?.close());

export async function openPage(path: string, options: BrowserContextOptions = {}): Promise<Opened> {
  browser ??= chromium.launch({
    executablePath: PATH || 'chromium',
    args: ['--no-sandbox'],
    timeout: TIMEOUT_MS,
  });
  const context = await (await browser).newContext({ viewport: { width: 1200, height: 900 }, ...options });
  context.setDefaultTimeout(TIMEOUT_MS);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const faults: string[] = [];
  const requests: string[] = [];
  const url = pathToFileURL(path).href;
  page.on('console', (message) => faults.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== url) requests.push(request.url());
  });
  await page.goto(url);
  await page.waitForSelector('html[data-ready], #failed:not([hidden])', { state: 'attached' });
  return { page, faults, requests };
}
