/** The parts of the HTML report that are text and tables: each is one function from the report to markup. */
import type { Finding, Report } from './analysis.ts';
import type { Cascade, Step } from './cascade.ts';
import { bar, grouped, type Hole, html, type Markup, NOTHING, percent } from './html-markup.ts';
import type { Kind, PageData } from './html-program.ts';
import {
  CASCADE_ASK,
  GUESTS,
  levelName,
  noneFound,
  ORDERED_RESET,
  plural,
  stepText,
  userWords,
} from './report-text.ts';
import { hex } from './rows.ts';
import { vectorHex } from './vectors.ts';

/** Longer lists help nobody: the D line shows the rest. */
const MAX_PLACES = 20;
const MAX_CASCADES = 50;
const MAX_STEPS = 40;
const MAX_UNMAPPED = 40;

/** Classes of the style sheet, by kind. */
export const KIND_CLASS: Readonly<Record<string, string>> = {
  exception: 'exception',
  interrupt: 'interrupt',
  soft: 'soft-call',
} satisfies Record<Kind, string>;
/** As people say it: one of them, in words. */
export const KIND_NAME: Readonly<Record<string, string>> = {
  exception: 'exception',
  interrupt: 'interrupt',
  soft: 'call',
} satisfies Record<Kind, string>;

/** A file name as a shell takes it. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export function section(id: string, title: string, body: Markup): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`;
}

/** Something to type in a terminal, with a button that copies it. */
function command(text: string): Markup {
  return html`<div class="ask"><pre><code>${text}</code></pre><button type="button" data-copy="${text}">Copy</button></div>`;
}

function askCommand({ traces }: Report, program: string): Markup {
  const files = traces.map((trace) => `-t ${shellWord(trace)}`).join(' ');
  return command(`trapline --unsafe ${files} -n ${shellWord(program)}`);
}

function eventLink(event: number): Markup {
  return html`<a href="#event-${event}">event ${event}</a>`;
}

export function headerPart(report: Report): Markup {
  const { traces, architecture, events, durationNs, levels } = report;
  const facts: readonly (readonly [string, Hole])[] = [
    ['guest', GUESTS[architecture].replace(/^an? /, '')],
    ['CPUs', new Set(levels.map(({ cpu }) => cpu)).size],
    ['events', html`<span id="total" data-count="${events}">${grouped(events)}</span>`],
    ['clock', durationNs === undefined ? 'the log has no times' : `${(durationNs / 1e9).toFixed(3)} s`],
  ];
  const shown = facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`<h1>${traces.join(' ')}</h1><dl class="facts">${shown}</dl>${verdict(report)}`;
}

/** What a reader wants to know first. */
function verdict(report: Report): Markup {
  const { anomalies, cascades, resets } = report;
  const lines = [
    ...cascades
      .slice(0, MAX_PLACES)
      .map((cascade, i) => html`<li><a href="#crash-${i + 1}">${cascadeTitle(cascade)}</a></li>`),
    ...resets
      .slice(0, MAX_PLACES)
      .map(({ event }, i) => html`<li><a href="#reset-${i + 1}">reset after event ${event}</a></li>`),
    ...anomalies.map(
      ({ title, places }, i) =>
        html`<li><a href="#anomaly-${i + 1}">${title}</a> at event ${places[0]!.event}</li>`,
    ),
  ];
  if (report.events === 0)
    return html`<div class="verdict ill" id="verdict">The log has no interrupts and no exceptions. QEMU writes them with <code>-d int</code>.</div>`;
  if (lines.length === 0) {
    const none = noneFound(report);
    return html`<div class="verdict" id="verdict">No anomaly and no crash was found${none === 'none' ? '.' : ` (anomalies: ${none}).`}</div>`;
  }
  const counts = [
    ...(cascades.length > 0 ? [plural(cascades.length, 'crash', 'crashes')] : []),
    ...(resets.length > 0 ? [plural(resets.length, 'reset')] : []),
    ...(anomalies.length > 0 ? [plural(anomalies.length, 'kind of anomaly', 'kinds of anomalies')] : []),
  ];
  return html`<div class="verdict ill" id="verdict"><strong>${counts.join(', ')}</strong><ul>${lines}</ul></div>`;
}

function cascadeTitle({ isFatal, cpu }: Cascade): string {
  return `${isFatal ? 'triple fault' : 'double fault'}, CPU ${cpu}`;
}

export function vectorPart({ vectors, events, architecture, durationNs }: Report): Markup {
  if (vectors.length === 0) return NOTHING;
  const most = Math.max(0, ...vectors.map(({ count }) => count));
  const rate = (count: number): Hole =>
    durationNs === undefined
      ? undefined
      : html`<td class="n">${((count * 1e9) / durationNs).toFixed(1)}</td>`;
  const rows = vectors.map(({ number, kind, name, title, count }) => {
    const vector = architecture === 'x86' ? vectorHex(number) : String(number);
    const own = KIND_CLASS[kind] ?? '';
    return html`<tr data-kind="${kind}" data-count="${count}"><th scope="row" class="mono">${vector}</th><td><span class="dot ${own}"></span>${KIND_NAME[kind] ?? kind}</td><td>${title}${kind === 'soft' || title === name ? undefined : html` <small class="mono">${name}</small>`}</td><td class="n">${grouped(count)}</td><td class="n">${percent(count, events)}</td>${rate(count)}${bar(count, most, own)}</tr>`;
  });
  const perSecond = durationNs === undefined ? undefined : html`<th scope="col" class="n">per second</th>`;
  return section(
    'interrupts',
    'Interrupts and exceptions',
    html`<div class="wide"><table id="vectors"><thead><tr><th scope="col">${architecture === 'x86' ? 'Vector' : 'Cause'}</th><th scope="col">Class</th><th scope="col">Name</th><th scope="col" class="n">Count</th><th scope="col" class="n">Share</th>${perSecond}<td class="bar"></td></tr></thead><tbody>${rows}</tbody></table></div>`,
  );
}

export function privilegePart(report: Report, userLevel: number): Markup {
  const { levels, moves, architecture, events, durationNs } = report;
  if (levels.length === 0) return NOTHING;
  const name = (level: number) => levelName(level, architecture);
  const perCpu = [...new Set(levels.map(({ cpu }) => cpu))].map((cpu) => {
    const own = levels.filter((row) => row.cpu === cpu);
    const most = Math.max(...own.map(({ count }) => count));
    const rows = own.map(
      ({ level, count, timeNs }) =>
        html`<tr data-cpu="${cpu}" data-level="${level}" data-count="${count}"><th scope="row">${name(level)}</th><td class="n">${grouped(count)}</td><td class="n">${percent(count, events)}</td>${durationNs === undefined ? undefined : html`<td class="n">${(timeNs / 1e9).toFixed(3)} s</td>`}${bar(count, most, level === userLevel ? 'user' : 'kernel')}</tr>`,
    );
    const steps = moves
      .filter((move) => move.cpu === cpu)
      .map(({ from, to, count }) => html`<li>${name(from)} → ${name(to)}: ${grouped(count)} times</li>`);
    const time = durationNs === undefined ? undefined : html`<th scope="col" class="n">Time until them</th>`;
    return html`<div><h3>CPU ${cpu}</h3><table><thead><tr><th scope="col">Level</th><th scope="col" class="n">Events</th><th scope="col" class="n">Share</th>${time}<td class="bar"></td></tr></thead><tbody>${rows}</tbody></table><p class="soft">${userWords(report, cpu)}</p>${steps.length > 0 ? html`<p>From one event to the next:</p><ul class="places">${steps}</ul>` : undefined}</div>`;
  });
  return section(
    'privilege',
    'Privilege levels',
    html`<p class="soft">Of the code that was interrupted; shares are of all events.</p><div class="grid">${perCpu}</div>`,
  );
}

export function anomalyPart(report: Report): Markup {
  const { anomalies } = report;
  const body =
    anomalies.length === 0
      ? html`<p>${noneFound(report)}</p>`
      : anomalies.map((found, i) => anomaly(report, found, i));
  return section('anomalies', 'Anomalies', html`${body}`);
}

function anomaly(report: Report, { title, count, places, means, ask }: Finding, index: number): Markup {
  const shown = places
    .slice(0, MAX_PLACES)
    .map(
      ({ line, event, cpu, evidence }) =>
        html`<li>line ${grouped(line)}, ${eventLink(event)}, CPU ${cpu}: ${evidence}</li>`,
    );
  const more =
    count > shown.length ? html`<li class="soft">and ${grouped(count - shown.length)} more</li>` : undefined;
  return html`<article class="finding" id="anomaly-${index + 1}" data-count="${count}"><h3>${title} <span class="badge">${plural(count, 'place')}</span></h3><p>That is: ${means}.</p><ul class="places">${shown}${more}</ul><p class="soft">The same events in D:</p>${askCommand(report, ask)}</article>`;
}

export function crashPart(report: Report): Markup {
  const { cascades, resets } = report;
  if (cascades.length === 0 && resets.length === 0) return section('crashes', 'Crashes', html`<p>none</p>`);
  const shown = cascades.slice(0, MAX_CASCADES).map((cascade, i) => crash(report, cascade, i));
  const more =
    cascades.length > shown.length
      ? html`<p class="soft">and ${cascades.length - shown.length} more</p>`
      : undefined;
  const ordered = resets
    .slice(0, MAX_CASCADES)
    .map(
      ({ line, event, cause }, i) =>
        html`<article class="finding" id="reset-${i + 1}"><h3>reset</h3><p>line ${grouped(line)}, after ${eventLink(event)}: ${ORDERED_RESET}; ${cause}</p></article>`,
    );
  return section('crashes', 'Crashes', html`${shown}${more}${ordered}`);
}

function crash(report: Report, cascade: Cascade, index: number): Markup {
  const { steps } = cascade;
  const all = steps
    .slice(0, MAX_STEPS)
    .map(
      (step) =>
        html`<li class="${step.kind === 'triple' || step.kind === 'reset' ? 'end' : step.kind}">${stepPart(step)} <small>line ${grouped(step.line)}</small></li>`,
    );
  const more =
    steps.length > all.length ? html`<li class="soft">and ${steps.length - all.length} more</li>` : undefined;
  const explain = command(`trapline explain ${shellWord(report.traces[0]!)}`);
  return html`<article class="finding" id="crash-${index + 1}"><h3>${cascadeTitle(cascade)}</h3><ol class="steps">${all}${more}</ol><p class="soft">Why it happened, with registers and code:</p>${explain}<p class="soft">The same events in D:</p>${askCommand(report, CASCADE_ASK)}</article>`;
}

/** A step in the words of the text report; its event leads to the table. */
function stepPart(step: Step): Markup {
  const text = stepText(step);
  if (step.kind !== 'exception') return html`${text}`;
  return html`${eventLink(step.event)}${text.slice(`event ${step.event}`.length)}`;
}

export function unmappedPart({ guestErrors }: Report, { unmapped }: PageData): Markup {
  if (!guestErrors) return NOTHING;
  const { count, low, high } = guestErrors;
  const span = low === high ? `at ${hex(low)}` : `from ${hex(low)} to ${hex(high)}`;
  const most = Math.max(0, ...unmapped.map((page) => page.count));
  const rows = unmapped
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MAX_UNMAPPED)
    .map(
      (page) =>
        html`<tr><th scope="row" class="mono">${hex(page.page << 12n)}</th><td class="n">${grouped(page.count)}</td><td>line ${grouped(page.line)}</td>${bar(page.count, most, 'kernel')}</tr>`,
    );
  const more =
    unmapped.length > rows.length
      ? html`<p class="soft">and ${grouped(unmapped.length - rows.length)} more pages</p>`
      : undefined;
  return section(
    'unmapped',
    'Accesses to physical memory that is not there',
    html`<p data-count="${count}">${grouped(count)} ${count === 1 ? 'access' : 'accesses'}, <span class="mono">${span}</span></p><div class="wide"><table><thead><tr><th scope="col">Page</th><th scope="col" class="n">Accesses</th><th scope="col">First at</th><td class="bar"></td></tr></thead><tbody>${rows}</tbody></table></div>${more}`,
  );
}

/** What became of every byte of the log, as `-x ledger` prints it. */
export function ledgerPart(notice: string): Markup {
  const [head = '', ...lines] = notice.trimEnd().split('\n');
  if (lines.length === 0) return NOTHING;
  const rows = lines.map((line) => {
    const [, lost, count = '', what = '', bytes, rest = ''] =
      /^ +(lost: )?(\d+) (.*?)(?:, (\d+) bytes?)?((?:, | \().*)?$/.exec(line) ?? [];
    if (count === '') return html`<tr><td colspan="3">${line.trim()}</td></tr>`;
    return html`<tr><th scope="row">${lost ? html`<span class="badge">lost</span> ` : undefined}${what}${rest}</th><td class="n">${grouped(Number(count))}</td><td class="n">${bytes === undefined ? undefined : grouped(Number(bytes))}</td></tr>`;
  });
  const total = /: (\d+) bytes?$/.exec(head)?.[1];
  return section(
    'ledger',
    'Ledger',
    html`<p class="soft">Every byte of the log is an event, a known line, or counted as lost${total === undefined ? '' : `: ${grouped(Number(total))} bytes`}. Resets, returns and errors of the guest are events here too.</p><div class="wide"><table><thead><tr><th scope="col">What</th><th scope="col" class="n">Count</th><th scope="col" class="n">Bytes</th></tr></thead><tbody>${rows}</tbody></table></div>`,
  );
}
