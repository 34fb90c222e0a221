/**
 * `trapline report --html`: a report as one file that any browser shows, with nothing fetched from anywhere.
 *
 *   report ─html-sections, html-spreads─▶ text and tables, which need no script
 *   events ─html-events, pack─▶ data ─html-script-…, in the browser─▶ timeline and table
 *
 * The security policy in its head allows the one style sheet and the one script by their hashes, and nothing else.
 */
import { ARCHITECTURE_IDS, USER_LEVELS } from '../machine/causes.ts';
import type { Report } from './analysis.ts';
import { type Mark, pagePayload } from './html-events.ts';
import { grouped, html, type Markup, NOTHING, raw } from './html-markup.ts';
import type { PageData } from './html-program.ts';
import { DATA_SCRIPT } from './html-script-data.ts';
import { TABLE_SCRIPT } from './html-script-table.ts';
import { TIMELINE_SCRIPT } from './html-script-timeline.ts';
import {
  anomalyPart,
  crashPart,
  headerPart,
  ledgerPart,
  privilegePart,
  section,
  shellWord,
  unmappedPart,
  vectorPart,
} from './html-sections.ts';
import { spreadPart } from './html-spreads.ts';
import { STYLE } from './html-style.ts';

/** More marks hide the timeline. */
const MAX_MARKS = 400;

export interface HtmlInput {
  readonly report: Report;
  readonly data: PageData;
  readonly output: string; // of the program, with its event lines
  readonly ledger: string; // as -x ledger prints it
  readonly version: string;
}

/** What a page needs of the world. */
export interface HtmlTools {
  readonly sha256: (text: string) => string; // base64
  readonly gzip: (text: string) => string; // base64
}

const SCRIPT = `(() => {\n'use strict';\n${DATA_SCRIPT}${TIMELINE_SCRIPT}${TABLE_SCRIPT}})();`;

export function reportHtml(input: HtmlInput, tools: HtmlTools): string {
  const { report, data, ledger, version } = input;
  const userLevel = USER_LEVELS[ARCHITECTURE_IDS[report.architecture]]!;
  const payload = pagePayload(report, input.output, userLevel, marksOf(report));
  const parts: readonly (readonly [string, string, Markup])[] = [
    ['timeline', 'Timeline', timelinePart()],
    ['crashes', 'Crashes', crashPart(report)],
    ['anomalies', 'Anomalies', anomalyPart(report)],
    ['interrupts', 'Interrupts', vectorPart(report)],
    ['privilege', 'Privilege', privilegePart(report, userLevel)],
    ['rates', 'Rates', spreadPart(data, payload.hasTime)],
    ['unmapped', 'Unmapped memory', unmappedPart(report, data)],
    ['events', 'Events', eventsPart(report, payload.count)],
    ['ledger', 'Ledger', ledgerPart(ledger)],
  ];
  const shown = parts.filter(([, , { markup }]) => markup !== '');
  const links = shown.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`);
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${tools.sha256(SCRIPT)}'`,
    `style-src 'sha256-${tools.sha256(STYLE)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${report.traces.join(' ')} – trapline report</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>${headerPart(report)}</header>
<nav aria-label="Parts of the report"><ul>${links}</ul></nav>
<main id="main">
<p id="failed" class="notice" role="alert" hidden></p>
${shown.map(([, , markup]) => html`${markup}\n`)}
</main>
<footer>Made by ${version} with <code>trapline report --html</code>. <code>trapline report --html FILE --show-d</code> prints the D program that all counts come from.</footer>
<script type="application/gzip" id="data">${raw(tools.gzip(JSON.stringify(payload)))}</script>
<script>${raw(SCRIPT)}</script>
</body>
</html>
`;
  return page.markup;
}

function timelinePart(): Markup {
  return section(
    'timeline',
    'Timeline',
    html`<noscript><p class="notice">The timeline and the table of events need JavaScript; all else does not.</p></noscript>
<div id="interactive" hidden><div class="tools" role="toolbar" aria-label="Timeline"><button type="button" id="left" aria-label="Earlier">◀</button><button type="button" id="right" aria-label="Later">▶</button><button type="button" id="closer" aria-label="Zoom in">+</button><button type="button" id="wider" aria-label="Zoom out">−</button><button type="button" id="all">All</button><button type="button" data-axis="events" aria-pressed="true">By events</button><button type="button" data-axis="time" aria-pressed="false">By time</button><small class="rest">drag to zoom · click for the events</small></div>
<svg id="chart" role="group" aria-roledescription="timeline" tabindex="0" viewBox="0 0 1000 260"></svg><p id="readout" aria-live="polite"></p></div>`,
  );
}

function eventsPart({ events, traces }: Report, count: number): Markup {
  const kinds = ['Exceptions', 'Interrupts', 'Calls'].map(
    (name, kind) => html`<label><input type="checkbox" id="kind-${kind}" checked>${name}</label>`,
  );
  const choice = (id: string, name: string, any: string) =>
    html`<select id="${id}" aria-label="${name}"><option value="">${any}</option></select>`;
  const note =
    count < events
      ? html`<p class="notice">The table has the first ${grouped(count)} of ${grouped(events)} events; all counts above are of the whole log.</p>`
      : NOTHING;
  // explain reads one file only
  const command =
    traces.length === 1 && traces[0] !== '-' ? `trapline explain ${shellWord(`${traces[0]}:`)}` : '';
  return html`<section id="events" aria-labelledby="events-title" hidden><h2 id="events-title">Events</h2>${note}
<div class="tools" role="search"><input type="search" id="search" placeholder="name, address, event, line" aria-label="Look for a name, an address, an event or a line">${kinds}${choice('what', 'Vector', 'every vector')}${choice('cpu', 'CPU', 'every CPU')}${choice('level', 'Privilege level', 'every level')}<label><input type="checkbox" id="in-view">in the timeline’s view</label><button type="button" id="clear">Clear</button><small class="rest" id="found" role="status"></small></div>
<div id="scroller" tabindex="0" role="region" aria-label="Events, arrow keys select"><table id="table"><colgroup id="columns"></colgroup><thead><tr id="head"></tr></thead><tbody id="rows"></tbody></table></div>
<div id="detail" aria-live="polite" data-command="${command}" hidden></div></section>`;
}

/** What the report speaks of, in the order of the log. */
function marksOf({ anomalies, cascades, resets }: Report): Mark[] {
  const marks: Mark[] = [
    ...cascades.map(({ isFatal, firstEvent }, i) => ({
      kind: 'crash' as const,
      event: firstEvent,
      title: isFatal ? 'triple fault' : 'double fault',
      href: `#crash-${i + 1}`,
    })),
    ...resets.map(({ event }, i) => ({
      kind: 'reset' as const,
      event,
      title: 'reset',
      href: `#reset-${i + 1}`,
    })),
    ...anomalies.flatMap(({ title, places }, i) =>
      places.map(({ event }) => ({ kind: 'anomaly' as const, event, title, href: `#anomaly-${i + 1}` })),
    ),
  ];
  return marks.toSorted((a, b) => a.event - b.event).slice(0, MAX_MARKS);
}
