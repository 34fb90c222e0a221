/** The style sheet of the HTML report: one set of names for colours, which the dark scheme and paper redefine. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #22252a; --soft: #646b75; --line: #e2e3df; --wash: #f2f2ee;
  --exception: #c4593f; --interrupt: #3f74ad; --soft-call: #5d8f4a; --user: #9a86c4;
  --alarm: #b3261e; --alarm-wash: #fbeae7; --well: #2f7d4f; --well-wash: #e8f4ec; --accent: #2d62a0; --mark: #8c3f97;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --card: #1c1f23; --ink: #dfe1e4; --soft: #969da7; --line: #30343a; --wash: #23272c;
    --exception: #e08468; --interrupt: #74a9df; --soft-call: #93bf7c; --user: #a995d6;
    --alarm: #f2887d; --alarm-wash: #35201e; --well: #7cc79a; --well-wash: #1b2c22; --accent: #8ab8ec; --mark: #d092da;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 3.5rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
main, header, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.45rem; line-height: 1.25; margin: 0 0 .35rem; overflow-wrap: anywhere; font-weight: 650; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; font-weight: 650; }
h3 { font-size: .95rem; margin: 0 0 .4rem; font-weight: 650; }
p { margin: .4rem 0; }
a { color: var(--accent); text-underline-offset: .15em; }
code, .mono, pre { font-family: var(--mono); font-size: .86em; }
.soft, small { color: var(--soft); }
small { font-size: .85em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem; z-index: 9; }
.facts { display: flex; flex-wrap: wrap; gap: .25rem 1.75rem; margin: 0 0 1rem; padding: 0; }
.facts div { display: flex; gap: .5rem; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; }
.verdict { border-radius: 8px; padding: .7rem 1rem; margin: 0 0 1rem; background: var(--well-wash); border-left: 4px solid var(--well); }
.verdict.ill { background: var(--alarm-wash); border-left-color: var(--alarm); }
.verdict ul { margin: .2rem 0 0; padding-left: 1.1rem; }
nav { position: sticky; top: 0; z-index: 3; background: var(--paper); border-bottom: 1px solid var(--line); }
nav ul { max-width: 76rem; margin: 0 auto; padding: .5rem 1.25rem; display: flex; gap: .2rem 1.1rem; flex-wrap: wrap; list-style: none; }
nav a { text-decoration: none; font-size: .9rem; color: var(--soft); }
nav a:hover { color: var(--ink); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem; margin: 1rem 0; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1.25rem 2rem; align-items: start; }
.grid + h3 { margin-top: 1.5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .22rem .7rem .22rem 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
thead th { font-weight: 500; color: var(--soft); font-size: .85rem; }
tbody th { font-weight: 400; }
tr:last-child > td, tr:last-child > th { border-bottom: 0; }
.n { text-align: right; white-space: nowrap; }
td:has(> .dot) { white-space: nowrap; }
td.bar { width: 40%; min-width: 5rem; padding-right: 0; }
.grid td.bar { width: 45%; min-width: 3rem; }
.grid table { font-size: .88rem; }
caption { text-align: left; font-weight: 500; padding-bottom: .2rem; }
.bar svg { display: block; }
.exception { fill: var(--exception); --own: var(--exception); }
.interrupt { fill: var(--interrupt); --own: var(--interrupt); }
.soft-call { fill: var(--soft-call); --own: var(--soft-call); }
.user { fill: var(--user); --own: var(--user); }
.kernel { fill: var(--soft); --own: var(--soft); }
.dot { display: inline-block; width: .62rem; height: .62rem; border-radius: 50%; margin-right: .45rem; background: var(--own); }
.dot.interrupt { border-radius: 1px; }
.dot.soft-call { border-radius: 1px; transform: rotate(45deg) scale(.88); }
.finding { border-top: 1px solid var(--line); padding: .9rem 0 .3rem; }
.finding:first-of-type { border-top: 0; padding-top: 0; }
.badge { display: inline-block; background: var(--alarm-wash); color: var(--alarm); border-radius: 99px; padding: 0 .6rem; font-size: .82rem; font-weight: 500; }
.places { margin: .4rem 0; padding-left: 1.2rem; }
.places li { margin: .15rem 0; overflow-wrap: anywhere; }
.steps { list-style: none; margin: .5rem 0; padding: 0 0 0 1rem; border-left: 2px solid var(--alarm); }
.steps li { position: relative; margin: .5rem 0; overflow-wrap: anywhere; }
.steps li::before { content: ""; position: absolute; left: -1.38rem; top: .42rem; width: .65rem; height: .65rem; border-radius: 50%; background: var(--card); border: 2px solid var(--alarm); }
.steps li.end::before { background: var(--alarm); }
.ask { display: flex; gap: .6rem; align-items: start; background: var(--wash); border-radius: 6px; padding: .45rem .6rem; margin: .45rem 0; }
.ask pre code { font-size: 1em; }
.ask pre { margin: 0; flex: 1; white-space: pre-wrap; overflow-wrap: anywhere; }
button, select, input[type=search] { font: inherit; font-size: .87rem; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .22rem .6rem; }
button { cursor: pointer; }
button:hover:enabled { border-color: var(--soft); }
button:disabled { opacity: .45; cursor: default; }
button[aria-pressed=true] { background: var(--wash); border-color: var(--soft); }
.tools { display: flex; flex-wrap: wrap; gap: .45rem .8rem; align-items: center; margin: 0 0 .6rem; }
.tools label { display: inline-flex; align-items: center; gap: .35rem; font-size: .87rem; }
.tools input[type=search] { width: 17rem; max-width: 100%; }
.tools .rest { margin-left: auto; }
#chart { display: block; width: 100%; overflow: visible; touch-action: pan-y; cursor: crosshair; user-select: none; }
#chart:focus { outline: none; }
#chart:focus-visible { outline: 2px solid var(--accent); outline-offset: 6px; }
#chart text { fill: var(--soft); font-size: 12px; font-family: inherit; }
#chart .name { fill: var(--ink); }
#chart .base { stroke: var(--line); }
#chart .cursor { stroke: var(--ink); stroke-width: 1; opacity: .6; }
#chart .drag { fill: var(--accent); opacity: .16; }
#chart .track { fill: var(--wash); }
#chart .thumb { fill: var(--soft); }
#chart .mark { fill: var(--mark); stroke: var(--card); stroke-width: 1; }
#chart .mark.crash { stroke: var(--alarm); stroke-width: 2.5; }
#chart .mark.reset { fill: var(--soft); }
#chart .mark-line { stroke: var(--mark); stroke-dasharray: 2 3; opacity: .7; }
#chart .mark-line.crash { stroke: var(--alarm); }
#chart .mark-line.reset { stroke: var(--soft); }
#readout { min-height: 1.6em; margin: .3rem 0 0; font-size: .87rem; font-variant-numeric: tabular-nums; }
#scroller { height: 30rem; overflow: auto; border: 1px solid var(--line); border-radius: 6px; }
#events table { font-size: .85rem; table-layout: fixed; min-width: 64rem; }
#scroller thead th { position: sticky; top: 0; background: var(--wash); z-index: 1; padding: .3rem .5rem; }
#scroller td { height: 26px; padding: 0 .5rem; vertical-align: baseline; line-height: 26px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
#scroller tbody tr.row:hover { background: var(--wash); cursor: pointer; }
#scroller tbody tr[aria-selected=true] { background: var(--wash); box-shadow: inset 3px 0 var(--accent); }
#scroller .gap td { padding: 0; border: 0; height: auto; }
#detail { background: var(--wash); border-radius: 6px; padding: .6rem .8rem; margin-top: .6rem; font-size: .88rem; overflow-wrap: anywhere; }
details summary { cursor: pointer; color: var(--soft); }
.notice { background: var(--wash); border-radius: 6px; padding: .5rem .8rem; }
footer { color: var(--soft); font-size: .85rem; padding-bottom: 2.5rem; }
@media (max-width: 40rem) { td.bar { display: none; } th, td { padding-right: .45rem; } }
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #555; --line: #ccc; --wash: #f4f4f4; --alarm-wash: #fff; --well-wash: #fff;
    --exception: #c4593f; --interrupt: #3f74ad; --soft-call: #5d8f4a; --user: #9a86c4; --alarm: #b3261e; --well: #2f7d4f; --accent: #000; --mark: #8c3f97; }
  body { font-size: 10pt; }
  nav, .tools, button, #events, .skip { display: none; }
  section { border: 0; padding: 0; margin: 1.2rem 0; }
  .finding, .steps li, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`;
