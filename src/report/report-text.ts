/** The report for a terminal: a page of plain text, 100 columns at most but for evidence, with blocks for the charts. */
import { ARCHITECTURE_IDS, type Architecture, USER_LEVELS } from '../machine/causes.ts';
import type { Report, Slice } from './analysis.ts';
import type { Cascade, Step } from './cascade.ts';
import { selectorError } from './error-codes.ts';
import { hex } from './rows.ts';
import { vectorHex, vectorShort, vectorTitle } from './vectors.ts';

const CHART_COLUMNS = 64;
const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/** Shows the exceptions of a cascade, with those that have no record of their own. */
export const CASCADE_ASK = 'cpu:::nested { printf("%d: %x during %x\\n", seq, arg0, arg1); }';
/** Before the cause of a reset (cascade.ts). */
export const ORDERED_RESET = 'no triple fault before it';
/** Places that are shown of one finding. */
const MAX_PLACES = 3;

export const GUESTS = {
  x86: 'an x86',
  arm: 'an Arm',
  riscv: 'a RISC-V',
} as const satisfies Record<Architecture, string>;

export function reportText(report: Report): string {
  const parts = [
    heading(report),
    vectorTable(report),
    chart(report),
    privilege(report),
    guestErrors(report),
    anomalies(report),
    crashes(report),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function heading({ traces, events, durationNs, architecture, levels }: Report): string {
  const cpus = new Set(levels.map(({ cpu }) => cpu)).size;
  const guest = GUESTS[architecture];
  const time = durationNs === undefined ? 'the log has no times' : `${(durationNs / 1e9).toFixed(3)} s`;
  const names = traces.map((trace) => (trace === '-' ? 'standard input' : trace));
  return `${names.join(' ')}\n  ${events} events of ${guest} guest, ${plural(cpus, 'CPU')}; ${time}\n`;
}

function vectorTable({ vectors, events, architecture, durationNs }: Report): string {
  const perSecond = (count: number) =>
    durationNs === undefined ? '' : `  ${((count * 1e9) / durationNs).toFixed(1).padStart(9)}/s`;
  const rows = vectors.map(({ number, kind, title, count }) => {
    const share = ((100 * count) / events).toFixed(1);
    const cause = architecture === 'x86' ? vectorHex(number) : String(number);
    return `  ${cause.padEnd(6)}  ${kind.padEnd(9)}  ${title.padEnd(40)}  ${String(count).padStart(9)}  ${share.padStart(5)} %${perSecond(count)}\n`;
  });
  return `Interrupts and exceptions\n${rows.join('')}`;
}

function chart({ slices, durationNs }: Report): string {
  if (slices.length < 2) return '';
  const width = Math.ceil(slices.length / CHART_COLUMNS);
  const columns = Array.from({ length: Math.ceil(slices.length / width) }, (_, i) =>
    slices.slice(i * width, (i + 1) * width),
  );
  const line = (name: string, of: (slice: Slice) => number): string => {
    const counts = columns.map((column) => column.reduce((sum, slice) => sum + of(slice), 0));
    const most = Math.max(...counts);
    return most === 0
      ? ''
      : `  ${name.padEnd(10)} |${counts.map((count) => block(count, most)).join('')}| at most ${most}\n`;
  };
  const each = slices.length > 1 ? slices[1]!.firstEvent * width : 0;
  const times = durationNs === undefined ? '' : timesOf(columns);
  return `Along the log, ${each} events a column\n${line('exceptions', (slice) => slice.exceptions)}${line('interrupts', (slice) => slice.interrupts)}${line('calls', (slice) => slice.soft)}${times}`;
}

function block(count: number, most: number): string {
  return BLOCKS[Math.ceil((count / most) * (BLOCKS.length - 1))]!;
}

/** The highest rate of events, for logs that have times. */
function timesOf(columns: readonly (readonly Slice[])[]): string {
  const ends = columns.map((column) => column.at(-1)!.endNs);
  const rates = columns.map((column, i) => {
    const took = ends[i]! - (ends[i - 1] ?? 0);
    const events = column.reduce(
      (sum, { exceptions, interrupts, soft }) => sum + exceptions + interrupts + soft,
      0,
    );
    return took > 0 ? (events * 1e9) / took : 0;
  });
  const most = Math.max(...rates);
  return `  ${'events/s'.padEnd(10)} |${rates.map((rate) => block(rate, most)).join('')}| at most ${Math.round(most)}\n`;
}

function privilege(report: Report): string {
  const { architecture, levels, events, durationNs } = report;
  const lines = [...new Set(levels.map(({ cpu }) => cpu))].map((cpu) => {
    const own = levels.filter((row) => row.cpu === cpu);
    const shares = own.map(({ level, count, timeNs }) => {
      const time = durationNs === undefined ? '' : `, ${(timeNs / 1e9).toFixed(3)} s until them`;
      return `    ${levelName(level, architecture).padEnd(9)} ${String(count).padStart(9)} events  ${((100 * count) / events).toFixed(1).padStart(5)} %${time}\n`;
    });
    return `  CPU ${cpu}\n${shares.join('')}    ${userWords(report, cpu)}\n`;
  });
  return `Privilege levels, of the code that was interrupted\n${lines.join('')}`;
}

/** How often a CPU went from user mode into the kernel, and back. */
export function userWords({ architecture, levels, moves }: Report, cpu: number): string {
  const user = USER_LEVELS[ARCHITECTURE_IDS[architecture]]!;
  const row = levels.find((own) => own.cpu === cpu && own.level === user);
  if (row === undefined) return 'never in user mode';
  const ups = moves
    .filter((move) => move.cpu === cpu && move.to === user)
    .reduce((sum, { count }) => sum + count, 0);
  return `into the kernel ${row.count} times from user mode; back at least ${row.returns} times, ${ups} of them after an event in the kernel`;
}

export function levelName(level: number, architecture: Report['architecture']): string {
  if (level < 0) return 'not told';
  if (architecture === 'riscv') return ['U', 'S', 'H', 'M'][level] ?? String(level);
  return `${architecture === 'x86' ? 'CPL' : 'EL'} ${level}`;
}

function guestErrors({ guestErrors: errors }: Report): string {
  if (!errors) return '';
  const span =
    errors.low === errors.high ? `at ${hex(errors.low)}` : `from ${hex(errors.low)} to ${hex(errors.high)}`;
  return `Accesses to physical memory that is not there\n  ${plural(errors.count, 'access', 'accesses')}, ${span}\n`;
}

/** What it means that no anomaly was found. */
export function noneFound({ architecture, cascades }: Report): string {
  if (architecture !== 'x86') return 'none of those that a log without registers tells';
  return cascades.length > 0 ? 'none but those under crashes' : 'none';
}

function anomalies(report: Report): string {
  const { anomalies: findings, traces } = report;
  if (findings.length === 0) return `Anomalies\n  ${noneFound(report)}\n`;
  const lines = findings.map(({ title, count, places, means, ask }) => {
    const shown = places
      .slice(0, MAX_PLACES)
      .map(
        ({ line, event, cpu, evidence, trace }) =>
          `    ${place(traces, line, trace)}, event ${event}, CPU ${cpu}: ${evidence}\n`,
      );
    const more = count > shown.length ? `    and ${count - shown.length} more\n` : '';
    return `  ${title}\n${shown.join('')}${more}    that is: ${means}\n    ask: trapline --unsafe -t ${traces[0]} -n '${ask}'\n`;
  });
  return `Anomalies\n${lines.join('')}`;
}

/** FILE:LINE; `trace` is the file where there are several, if it could be told. */
export function place(traces: readonly string[], line: number, trace?: string): string {
  const file = traces.length === 1 ? traces[0] : trace;
  return file === undefined ? `line ${line}` : `${file === '-' ? 'standard input' : file}:${line}`;
}

function crashes({ cascades, resets, traces }: Report): string {
  if (cascades.length === 0 && resets.length === 0) return 'Crashes\n  none\n';
  const shown = cascades.map((cascade) => {
    const title = cascade.isFatal ? 'triple fault' : 'double fault';
    return `  ${title}, CPU ${cascade.cpu}\n${cascadeLines(cascade, traces)}    more: trapline explain ${traces[0]}\n    ask: trapline --unsafe -t ${traces[0]} -n '${CASCADE_ASK}'\n`;
  });
  const ordered = resets.map(
    ({ line, event, cause, trace }) =>
      `  reset, ${place(traces, line, trace)}, after event ${event}: ${ORDERED_RESET}; ${cause}\n`,
  );
  return `Crashes\n${shown.join('')}${ordered.join('')}`;
}

export function cascadeLines(cascade: Cascade, traces: readonly string[]): string {
  return cascade.steps
    .map((step) => `    ${place(traces, step.line, step.trace)}  ${stepText(step)}\n`)
    .join('');
}

export function stepText(step: Step): string {
  switch (step.kind) {
    case 'exception': {
      const address = step.vector === 14 ? `, address ${hex(step.address)}` : '';
      return `event ${step.event}: ${vectorTitle(step.vector)}, error code ${hex(step.errorCode)}${gateText(step.vector, step.errorCode)}, at pc ${hex(step.pc)}, stack pointer ${hex(step.sp)}${address}`;
    }
    case 'nested':
      return `its delivery raised ${vectorTitle(step.vector)} (seen as a check_exception line only)${step.during === 8 ? '' : `: ${vectorShort(step.during)} and ${vectorShort(step.vector)} make a #DF`}`;
    case 'triple':
      return 'triple fault: no exception can be delivered any more, and the CPU shuts down';
    case 'reset':
      return 'the machine is reset';
  }
}

/** A fault that blames a gate says whose delivery failed. */
function gateText(vector: number, errorCode: bigint): string {
  const { table, index } = selectorError(Number(errorCode));
  const isSelector = vector >= 10 && vector <= 13;
  return isSelector && table === 'IDT' ? ` (the gate of ${vectorShort(index)})` : '';
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
