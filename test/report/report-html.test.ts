/** `trapline report --html`: the page in a browser holds what the text says, all of it, and nothing else runs or is fetched. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/analysis.ts';
import { reportHtml } from '../../src/report/html.ts';
import { escapeHtml, html } from '../../src/report/html-markup.ts';
import { shellWord } from '../../src/report/html-sections.ts';
import { describePages, openPage } from '../support/browser.ts';
import { trapline } from '../support/cli.ts';
import { log, type MadeEvent, record, times } from '../support/int-records.ts';

const scratch = mkdtempSync(join(tmpdir(), 'trapline-html-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const TRACES = 'examples/traces';
const BOOT = `${TRACES}/linux-x86_64-boot.log.gz`;
const RECURSIVE = `${TRACES}/tiny32-pf-recursive-triple.log.gz`;
const TIMED = `${TRACES}/linux-x86_64-int+trace-timestamps.log.gz`;

interface Made {
  readonly path: string; // of the page
  readonly report: Report;
}

const pages = new Map<string, Promise<Made>>();

/** Page and JSON of a log, made once. */
function madeWith(trace: string): Promise<Made> {
  const known = pages.get(trace) ?? make(trace, join(scratch, `page-${pages.size}.html`));
  pages.set(trace, known);
  return known;
}

async function make(trace: string, path: string): Promise<Made> {
  const { status, stdout, stderr } = await trapline(['report', '--html', path, '--format', 'json', trace]);
  expect([status, stderr]).toEqual([0, '']);
  return { path, report: JSON.parse(stdout) as Report };
}

const made = async (trace: string): Promise<string> => (await madeWith(trace)).path;

/** The result of a program that prints numbers. */
async function counted(trace: string, program: string): Promise<number> {
  const { stdout } = await trapline(['--unsafe', '-q', '-t', trace, '-n', program]);
  return Number(stdout.trim());
}

const found = (page: Page): Promise<number> =>
  page.locator('#found').evaluate((element) => Number(element.getAttribute('data-count')));

const KINDS = ['exceptions', 'interrupts', 'calls'] as const;

/** Events that the timeline shows now, by kind. */
async function shown(page: Page): Promise<number[]> {
  const chart = page.locator('#chart');
  const read = KINDS.map(async (kind) => Number(await chart.getAttribute(`data-${kind}`)));
  return Promise.all(read);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const counts = (page: Page, selector: string): Promise<number[]> =>
  page
    .locator(selector)
    .evaluateAll((elements) => elements.map((element) => Number(element.getAttribute('data-count'))));

/** Contrast of texts with what is behind them, as WCAG 2 has it; run in the page. */
const CONTRASTS = `(() => {
  const numbers = (text) => (text.match(/[0-9.]+/g) ?? []).map(Number);
  const linear = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const texts = document.querySelectorAll('p, li, a, h1, h2, h3, th, td, small, dd, dt, button:enabled, code, .badge');
  return [...texts].filter((element) => element.textContent.trim() !== '').map((element) => {
    const pair = [luminance(numbers(getComputedStyle(element).color)), luminance(behind(element))];
    return { text: element.textContent.slice(0, 30), ratio: (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05) };
  });
})()`;

/** Name of each interrupt and how often, from the text for terminals. */
function vectorsOfText(text: string): string[] {
  return [...text.matchAll(/^ {2}(\w+) +(exception|interrupt|soft) +.*? +(\d+) +[\d.]+ %/gm)].map(
    ([, vector, kind, count]) => `${vector} ${kind} ${count}`,
  );
}

describePages('the page', () => {
  test.each([
    'linux-x86_64-boot',
    'linux-x86_64-smp2-torn',
    'linux-x86_64-int+trace-timestamps',
    'linux-x86_64-oom-triple',
    'linux-aarch64-smp2',
    'tiny-riscv64-traps',
    'tiny32-pf-recursive-triple',
    'ovmf-x86_64-boot',
  ])('%s: counts as in the text, no errors, nothing fetched', async (name) => {
    const trace = `${TRACES}/${name}.log.gz`;
    const { page, faults, requests } = await openPage((await madeWith(trace)).path);
    const { report } = await madeWith(trace);
    const text = (await trapline(['report', trace])).stdout;
    const rows = await page
      .locator('#vectors tbody tr')
      .evaluateAll((elements) =>
        elements.map(
          (row) =>
            `${row.querySelector('th')?.textContent} ${row.getAttribute('data-kind')} ${row.getAttribute('data-count')}`,
        ),
      );
    expect(rows).toEqual(vectorsOfText(text));
    expect(rows.length).toBeGreaterThan(0);
    const byKind = ['exception', 'interrupt', 'soft'].map((kind) =>
      sum(report.vectors.filter((row) => row.kind === kind).map(({ count }) => count)),
    );
    expect(await shown(page)).toEqual(byKind);
    expect([await found(page), await counts(page, '#total')]).toEqual([report.events, [report.events]]);
    expect(await counts(page, '#privilege tr[data-level]')).toEqual(report.levels.map(({ count }) => count));
    expect(await counts(page, '#unmapped [data-count]')).toEqual(
      report.guestErrors ? [report.guestErrors.count] : [],
    );
    expect(await counts(page, '#anomalies article')).toEqual(report.anomalies.map(({ count }) => count));
    expect(await page.locator('#crashes article').count()).toBe(
      report.cascades.length + report.resets.length,
    );
    const unit = report.durationNs === undefined ? 'event' : 'time';
    for (const [i, kind] of ['exception', 'interrupt', 'soft'].entries()) {
      const gaps = await counts(page, `table[data-spread="${unit}-gaps ${kind}"] tbody tr[data-count]`);
      if (gaps.length > 0) expect(sum(gaps)).toBe(byKind[i]! - 1);
      else expect(byKind[i]).toBeLessThan(2);
    }
    expect(await page.locator('body').innerText()).not.toMatch(/NaN|\[object|undefined[,;:)]/);
    expect([faults, requests]).toEqual([[], []]);
  });

  test('of a healthy boot tells of no anomaly', async () => {
    const { page } = await openPage(await made(BOOT));
    expect(await page.locator('#verdict').innerText()).toBe('No anomaly and no crash was found.');
    expect(await page.locator('article, #chart .mark').count()).toBe(0);
  });

  test('with 30,000 events is there within two seconds, all of them', async () => {
    const path = await made(BOOT);
    const { page } = await openPage(path);
    // Time of the page's thread, since the machine may be busy with other tests.
    const metrics = await page.context().newCDPSession(page);
    await metrics.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.reload();
    await page.waitForSelector('html[data-ready]', { state: 'attached' });
    const { metrics: told } = await metrics.send('Performance.getMetrics');
    const seconds = told.find(({ name }) => name === 'TaskDuration')!.value;
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(2);
    const scroller = page.locator('#scroller');
    await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.waitForSelector('#rows tr[data-row="30388"]');
    expect(await page.locator('#rows tr.row').last().innerText()).toMatch(/^30,388\s/);
    expect(await page.locator('#rows tr.row').count()).toBeLessThan(100);
    await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
    await page.waitForSelector('#rows tr[data-row="15194"]');
    expect(readFileSync(path).length).toBeLessThan(1_000_000);
  });

  test('marks what is wrong, and leads to it', async () => {
    const { page } = await openPage(await made(RECURSIVE), {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { anomalies, cascades } = (await madeWith(RECURSIVE)).report;
    const places = sum(anomalies.map((found) => found.places.length));
    expect(await page.locator('#chart .mark').count()).toBe(places + cascades.length);
    expect(await page.locator('#verdict').innerText()).toMatch(
      /^1 crash, 3 kinds of anomalies\n+triple fault, CPU 0\n/,
    );
    const steps = await page.locator('#crash-1 .steps li').allInnerTexts();
    expect(steps).toHaveLength(cascades[0]!.steps.length);
    expect(steps.at(-1)).toMatch(/^triple fault: .* line 23,536$/);
    const index = anomalies.findIndex(({ places: [at] }) => at?.event === 1025);
    const first = page.locator(`#anomaly-${index + 1}`);
    expect(await first.innerText()).toContain(anomalies[index]!.places[0]!.evidence);

    await first.getByRole('link', { name: 'event 1025', exact: true }).click();
    expect(await page.locator('#rows tr[aria-selected=true] td').first().innerText()).toBe('1,025');
    const detail = await page.locator('#detail').innerText();
    expect(detail).toMatch(/^Event 1,025: #PF page fault \(0x0e\), CPU 0, CPL 0, line 20,976\npc 0xc0000000/);
    expect(detail).toContain(`trapline explain ${RECURSIVE}:1025`);

    await first.getByRole('button', { name: 'Copy' }).click();
    await first.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    expect(copied).toBe(`trapline --unsafe -t ${RECURSIVE} -n '${anomalies[index]!.ask}'`);
  });

  test('filters', async () => {
    const { page, faults } = await openPage(await made(BOOT));
    const search = page.locator('#search');
    const after = async (act: () => Promise<unknown>): Promise<number> => {
      const before = await found(page);
      await act();
      await expect.poll(() => found(page)).not.toBe(before);
      return found(page);
    };
    expect(await after(() => page.selectOption('#what', '0x0d #GP general protection'))).toBe(810);
    expect(await after(() => page.click('#clear'))).toBe(30389);
    expect(await after(() => page.selectOption('#level', '3'))).toBe(27894);
    expect(await after(() => page.uncheck('#kind-0'))).toBe(
      await counted(
        BOOT,
        'vec::: /cpl == 3 && probemod != "exception"/ { @ = count(); } END { printa("%@d", @); }',
      ),
    );
    await page.click('#clear');
    const address = '0xffffffff819f69d2';
    const atAddress = `vec::: /arg3 == ${address} || arg2 == ${address}/ { @ = count(); } END { printa("%@d", @); }`;
    expect(await after(() => search.fill(address))).toBe(await counted(BOOT, atAddress));
    expect(await after(() => search.fill('NO PAGE is mapped'))).toBe(
      await counted(BOOT, 'vec:::0x0e /!(errcode & 1)/ { @ = count(); } END { printa("%@d", @); }'),
    );
    expect(await after(() => search.fill('nothing like it'))).toBe(0);
    expect(await after(() => search.fill('12,345'))).toBe(1);
    expect(await page.locator('#rows tr.row td').first().innerText()).toBe('12,345');
    expect(faults).toEqual([]);
  });

  test('zooms, and its counts stay exact', async () => {
    const { page, faults } = await openPage(await made(BOOT));
    const chart = page.locator('#chart');
    let box = { x: 0, y: 0, width: 0, height: 0 };
    const at = async (share: number): Promise<void> => page.mouse.move(box.x + share * box.width, box.y + 60);
    const all = await shown(page);
    await page.check('#in-view');
    await chart.scrollIntoViewIfNeeded();
    box = (await chart.boundingBox())!;
    await at(0.2);
    await page.mouse.down();
    await at(0.4);
    await page.mouse.up();
    const label = (await chart.getAttribute('aria-label')) ?? '';
    const [begin, end] = /from ([\d,]+) to ([\d,]+):/
      .exec(label)!
      .slice(1)
      .map((word) => Number(word.replaceAll(',', '')));
    expect(end! - begin!).toBeGreaterThan(5500);
    expect(end! - begin!).toBeLessThan(6500);
    for (const [i, kind] of ['exception', 'interrupt', 'soft'].entries())
      expect((await shown(page))[i]).toBe(
        (await counted(
          BOOT,
          `vec:${kind}:: /seq >= ${begin} && seq < ${end}/ { @ = count(); } END { printa("%@d", @); }`,
        )) || 0,
      );
    expect(await found(page)).toBe(sum(await shown(page)));

    await at(0.5);
    const told =
      /events ([\d,]+) to ([\d,]+): ([\d,]+) exceptions · ([\d,]+) interrupts · ([\d,]+) calls/.exec(
        await page.locator('#readout').innerText(),
      )!;
    const [low, high, ...parts] = told.slice(1).map((word) => Number(word.replaceAll(',', '')));
    expect(sum(parts)).toBe(high! - low! + 1);

    await chart.focus();
    await page.keyboard.press('Escape');
    expect(await shown(page)).toEqual(all);
    await page.keyboard.press('+');
    expect(sum(await shown(page))).toBeLessThan(sum(all) / 1.9);
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#readout').innerText()).toMatch(/^events /);
    await page.keyboard.press('Enter');
    expect(await page.locator('#rows tr[aria-selected=true]').count()).toBe(1);
    expect(faults).toEqual([]);
  });

  test('has time where the log has', async () => {
    const { page, faults } = await openPage(await made(TIMED));
    const all = await shown(page);
    await page.getByRole('button', { name: 'By time' }).click();
    expect(await shown(page)).toEqual(all);
    expect(await page.locator('#chart').getAttribute('aria-label')).toMatch(/from 4\.707382 s to 8\.13\d+ s/);
    expect(await page.locator('#head').innerText()).toContain('Time');
    expect(await page.locator('table[data-spread="time-gaps interrupt"]').innerText()).toMatch(
      /2\.1 ms – 4\.2 ms\s+339/,
    );
    const untimed = await openPage(await made(BOOT));
    expect(await untimed.page.getByRole('button', { name: 'By time' }).count()).toBe(0);
    expect(faults).toEqual([]);
  });

  test('of a log without interrupts says so', async () => {
    const { page, faults } = await openPage(await made(`${TRACES}/linux-x86_64-smp2-exec-nochain.log.gz`));
    expect(await page.locator('#verdict').innerText()).toMatch(
      /^The log has no interrupts and no exceptions/,
    );
    expect([await found(page), faults]).toEqual([0, []]);
  });

  test('of a log that is too long for its table counts all', async () => {
    const kinds = ['exception', 'interrupt', 'soft'];
    const output = Array.from(
      { length: 700 },
      (_, i) => `ev ${i} ${i * 20 + 1} 0 ${kinds[i % 3]} x 32 0 0 ffffffff81000000 0 0\n`,
    ).join('');
    const slices = Array.from({ length: 20 }, (_, i) => ({
      firstEvent: i * 64,
      exceptions: 30,
      interrupts: 20,
      soft: 14,
      endNs: 0,
    }));
    const report: Report = {
      ...{ traces: ['a.log'], architecture: 'x86', events: 1280, lastEvent: 1279, durationNs: undefined },
      vectors: [{ number: 32, kind: 'interrupt', name: 'x', title: 'x', count: 1280 }],
      levels: [{ cpu: 0, level: 0, count: 1280, timeNs: 0, returns: 1279 }],
      ...{ moves: [], slices, guestErrors: undefined, anomalies: [], cascades: [] },
      resets: [{ line: 24000, event: 1200, cause: 'nobody knows' }],
    };
    const tools = {
      sha256: (text: string) => createHash('sha256').update(text).digest('base64'),
      gzip: (text: string) => gzipSync(text).toString('base64'),
    };
    const data = { spreads: new Map(), unmapped: [] };
    const path = join(scratch, 'long.html');
    writeFileSync(path, reportHtml({ report, data, output, ledger: '', version: 'trapline' }, tools));
    const { page, faults } = await openPage(path);
    expect(await shown(page)).toEqual([600, 400, 280]);
    expect(await found(page)).toBe(700);
    expect(await page.locator('#events .notice').innerText()).toMatch(/first 700 of 1,280 events/);
    expect(await page.locator('#chart .mark').count()).toBe(1);
    await page.getByRole('button', { name: 'Zoom in' }).click();
    const some = await shown(page);
    expect(some[0]! / 30).toBe(some[1]! / 20);
    expect(sum(some)).toBeLessThan(1280);
    await page.getByRole('link', { name: 'event 1200', exact: true }).click();
    expect(await page.locator('#found').innerText()).toBe('event 1,200 is not in this table');
    expect(faults).toEqual([]);
  });

  test('what a log and its name say never becomes markup', async () => {
    const evil = `<img src=x onerror=alert(1)><script>alert(2)<&"' $(id).log`;
    const path = join(scratch, evil.replaceAll('/', ''));
    const console = '<script>alert(3)</script></script><img src=x onerror=alert(4)>\n';
    const events = times(70, (i): MadeEvent => ({ v: i % 2 ? 14 : 2, cr2: 0x10n }));
    writeFileSync(path, events.map((event, i) => console + record(i, event)).join(''));
    const page = join(scratch, 'evil.html');
    const run = await trapline(['report', '--html', page, path]);
    expect(run.status).toBe(0);
    const opened = await openPage(page);
    expect(await opened.page.locator('h1').innerText()).toBe(path);
    expect(await opened.page.title()).toContain(path);
    expect(await opened.page.locator('img').count()).toBe(0);
    expect(await opened.page.locator('script').count()).toBe(2);
    expect(await opened.page.locator('#anomalies pre').first().innerText()).toContain(
      `-t '${path.replaceAll("'", "'\\''")}' -n`,
    );
    expect([opened.faults, opened.requests]).toEqual([[], []]);
  });

  test('its policy lets no other script run', async () => {
    const path = await made(RECURSIVE);
    const spoilt = join(scratch, 'spoilt.html');
    const text = readFileSync(path, 'utf8').replace(
      '</footer>',
      '</footer><script>document.title = "run"</script>',
    );
    writeFileSync(spoilt, text);
    const { page, faults } = await openPage(spoilt);
    expect(await page.title()).not.toBe('run');
    expect(faults.join()).toMatch(/Content Security Policy/);
  });

  test.each(['light', 'dark'] as const)('can be read in %s', async (colorScheme) => {
    const { page } = await openPage(await made(RECURSIVE), { colorScheme });
    const contrasts = await page.evaluate<{ text: string; ratio: number }[]>(CONTRASTS);
    expect(contrasts.length).toBeGreaterThan(100);
    expect(contrasts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
  });

  test('is made for keyboards and screen readers too', async () => {
    const { page } = await openPage(await made(RECURSIVE));
    const nameless = await page
      .locator('button, input, select, svg[tabindex], [role=region]')
      .evaluateAll((all) =>
        all
          .filter(
            (element) =>
              !element.getAttribute('aria-label') &&
              !element.textContent?.trim() &&
              !element.closest('label')?.textContent?.trim(),
          )
          .map((element) => element.id),
      );
    expect(nameless).toEqual([]);
    const ids = await page.locator('[id]').evaluateAll((all) => all.map(({ id }) => id));
    expect(ids).toEqual([...new Set(ids)]);
    expect(await page.locator('th:not([scope])').count()).toBe(0);
    const targets = await page
      .locator('nav a')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')!));
    for (const target of targets) expect(await page.locator(target).count()).toBe(1);
    await page.locator('#scroller').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('#rows tr[aria-selected=true]').getAttribute('data-row')).toBe('1');
  });

  test('without scripts has all but timeline and table', async () => {
    const path = await made(RECURSIVE);
    const withOut = join(scratch, 'without.html');
    writeFileSync(
      withOut,
      readFileSync(path, 'utf8')
        .replace(/<script>.*<\/script>/s, '')
        .replace('<html', '<html data-ready'),
    );
    const { page } = await openPage(withOut);
    expect(await page.locator('#interactive').isVisible()).toBe(false);
    expect(await page.locator('#crash-1').isVisible()).toBe(true);
  });
});

describe('the command', () => {
  test('help', async () => {
    const { stdout, status } = await trapline(['report', '--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: trapline report .*--html OUT\.html/);
  });

  test('- is standard output; the same log makes the same page', async () => {
    const { stdout } = await trapline(['report', '--html', '-', RECURSIVE]);
    expect(Buffer.from(stdout, 'latin1').equals(readFileSync(await made(RECURSIVE)))).toBe(true);
    expect(stdout).toMatch(/^<!doctype html>/);
  });

  test('--format adds the other form', async () => {
    const path = join(scratch, 'both.html');
    const { stdout } = await trapline(['report', `--html=${path}`, '--format=json', RECURSIVE]);
    const { stdout: alone } = await trapline(['report', '--format', 'json', RECURSIVE]);
    expect(stdout).toBe(alone);
    expect(existsSync(path)).toBe(true);
  });

  test('--show-d prints the program of the page', async () => {
    const { stdout } = await trapline(['report', '--html', 'unused.html', '--show-d', RECURSIVE]);
    const path = join(scratch, 'shown.d');
    writeFileSync(path, stdout);
    const run = await trapline(['-s', path, '-t', RECURSIVE]);
    expect(run.stdout).toContain('vector kind=exception name=page_fault number=14 count=1149\n');
    expect(run.stdout.match(/^ev /gm)).toHaveLength(1153);
    expect(existsSync('unused.html')).toBe(false);
  });

  test('what was lost is told as without a page', async () => {
    const path = join(scratch, 'torn.log');
    writeFileSync(path, `${log(times(3, () => ({})))}     3: v=0e e=00`);
    const text = await trapline(['report', path]);
    const page = await trapline(['report', '--html', join(scratch, 'torn.html'), path]);
    expect(page.stderr).toBe(text.stderr);
    expect(page.stderr).toContain('lost');
    expect(readFileSync(join(scratch, 'torn.html'), 'utf8')).toMatch(/<span class="badge">lost<\/span>/);
  });

  test.each<[string, (path: string) => string[], number, RegExp]>([
    [
      'no folder',
      () => ['--html', join(scratch, 'none', 'out.html'), RECURSIVE],
      1,
      /none\/out\.html': No such file or directory$/,
    ],
    ['a folder', () => ['--html', scratch, RECURSIVE], 1, /Is a directory\n {2}hint: name a file in it$/],
    ['the log itself', (log) => ['--html', log, log], 1, /it is the log itself, which would be lost/],
    [
      'a full disk',
      () => ['--html', '/dev/full', RECURSIVE],
      1,
      /^trapline: failed to write \/dev\/full: No space left on device$/,
    ],
    ['no name', () => ['--html'], 2, /usage: trapline report/],
    ['an empty name', () => ['--html=', RECURSIVE], 2, /usage: trapline report/],
    ['no log', () => ['--html', join(scratch, 'out.html')], 2, /usage: trapline report/],
    [
      'a log that is not there',
      () => ['--html', join(scratch, 'out.html'), 'nowhere.log'],
      1,
      /nowhere\.log/,
    ],
    [
      'a trace of another kind',
      () => ['--html', join(scratch, 'out.html'), `${TRACES}/linux-ftrace-events.txt.gz`],
      1,
      /it is a trace of another kind: a report is about interrupts and exceptions\n {2}hint: .*-d int/,
    ],
    ['a log that is none', () => ['--html', join(scratch, 'out.html'), 'README.md'], 1, /README\.md/],
  ])('goes wrong: %s', async (name, args, status, message) => {
    const path = join(scratch, 'own.log');
    const linked = join(scratch, 'linked.log');
    writeFileSync(path, log(times(3, () => ({}))));
    if (!existsSync(linked)) symlinkSync(path, linked);
    const before = readFileSync(path, 'utf8');
    for (const trace of name === 'the log itself' ? [path, linked] : [path]) {
      const run = await trapline(['report', ...args(trace)]);
      expect([run.status, run.stdout]).toEqual([status, '']);
      expect(run.stderr.trimEnd()).toMatch(message);
      expect(run.stderr).not.toMatch(/bug|^ +at /m);
    }
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(readdirSync(scratch).filter((name) => name.endsWith('.part') || name === 'out.html')).toEqual([]);
  });

  test('a page is replaced whole: one that cannot be made again stays', async () => {
    const path = join(scratch, 'kept.html');
    writeFileSync(path, 'before');
    const before = readFileSync(path, 'utf8');
    expect((await trapline(['report', '--html', path, 'README.md'])).status).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect((await trapline(['report', '--html', path, RECURSIVE])).status).toBe(0);
    expect(readFileSync(path, 'utf8')).not.toBe(before);
  });
});

describe('text', () => {
  const NAMES: Readonly<Record<string, string>> = {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&#39;': "'",
    '&amp;': '&',
  };

  test('in markup stays text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>&"\'ab;#\n\x01') }), (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']/);
        const back = escaped.replace(/&(lt|gt|quot|#39|amp);/g, (name) => NAMES[name]!);
        expect(back).toBe(text.replaceAll('\x01', '\ufffd'));
        expect(html`<p>${[html`${text}`, html`<b>${text}</b>`]}</p>`.markup).toBe(
          `<p>${escaped}<b>${escaped}</b></p>`,
        );
      }),
    );
  });

  test('is one word to a shell', () => {
    for (const text of ["it's", 'a b', '$(id)`id`', '"\\', '~/x', '-n', 'plain/path.log:12'])
      expect(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).toBe(text);
  });
});
