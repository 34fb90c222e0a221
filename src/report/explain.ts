/**
 * One event for a human: what happened, why the CPU says so, where, what the registers hold, what came before.
 *
 * In: the rows of detailProgram, the report of the same log, names and code of the guest where there are any. Out: an
 * Explanation (explanation.ts). What the CPU says is told by x86-facts.ts, arm-facts.ts and riscv-facts.ts.
 */

import type { Architecture } from '../machine/causes.ts';
import type { Report } from './analysis.ts';
import { armFacts, armTitle } from './arm-facts.ts';
import type { Cascade } from './cascade.ts';
import { codeSection } from './code-section.ts';
import { ARM_GENERAL, GENERAL, RISCV_GENERAL } from './detail.ts';
import type { Explanation, Fact, GuestCode, NamedValue } from './explanation.ts';
import type { Registers } from './operand.ts';
import { isInKernel, named, place, plain } from './places.ts';
import { cascadeLines } from './report-text.ts';
import { callingName, riscvFacts, riscvTitle } from './riscv-facts.ts';
import { bits, hex, number, type Row, rowsOf, text } from './rows.ts';
import { vectorHex, vectorTitle } from './vectors.ts';
import { x86Facts } from './x86-facts.ts';
import { shown } from './x86-mode.ts';

export interface Explained {
  readonly traces: readonly string[]; // as the user knows them
  readonly report: Report;
  readonly rows: readonly Row[];
  readonly event: number;
  readonly why: string;
  readonly code: GuestCode;
  readonly cascade: Cascade | undefined;
  /** What else is to be told of this event. */
  readonly seen?: readonly string[];
}

/** Events shown of each CPU. */
const LAST_EVENTS = 5;

/** What differs between the architectures. */
interface Words {
  readonly title: (row: Row, registers: Registers) => string;
  readonly facts: (given: Explained, row: Row, registers: Registers) => Fact[];
  readonly level: (level: number, row: Row, registers: Registers) => string;
  readonly registers: readonly string[];
}

const WORDS: Readonly<Record<Architecture, Words>> = {
  x86: { title: x86Title, facts: x86Facts, level: x86Level, registers: [] },
  arm: {
    title: armTitle,
    facts: armFacts,
    level: (level) => `at EL${level}`,
    registers: [...ARM_GENERAL, 'pstate', 'cpsr'],
  },
  riscv: {
    title: riscvTitle,
    facts: riscvFacts,
    level: (level) => `in mode ${['U', 'S', 'H', 'M'][level] ?? level}`,
    registers: RISCV_GENERAL,
  },
};

/** Undefined when the log has no such event. */
export function explainEvent(given: Explained): Explanation | undefined {
  const { event, traces, why } = given;
  const row = rowsOf(given.rows, 'event').find((candidate) => number(candidate, 'event') === event);
  if (!row) return undefined;
  const registers = registersOf(given.rows);
  const words = WORDS[given.report.architecture];
  return {
    place: place(traces, number(row, 'line')),
    ...{ event, why, cpu: number(row, 'cpu') },
    title: words.title(row, registers),
    level: levelText(given, row, registers),
    facts: words.facts(given, row, registers),
    code: codeSection(given, row, registers),
    registers: registerValues(given, registers),
    seen: [...(given.seen ?? []), ...findings(given)].map((line) => withNames(given, line)),
    cascade: cascadeSteps(given).map((line) => withNames(given, line)),
    before: lastEvents(given, row),
  };
}

function x86Title(row: Row): string {
  const vector = number(row, 'vector');
  if (text(row, 'kind') === 'soft') return vector < 32 ? vectorTitle(vector) : `INT ${vectorHex(vector)}`;
  return vector < 32 ? vectorTitle(vector) : `device interrupt ${vectorHex(vector)}`;
}

function x86Level(level: number, _: Row, registers: Registers): string {
  if (registers.get('smm') === 1n) return 'in system management mode';
  return level === 0 ? 'in the kernel (CPL 0)' : `in user mode (CPL ${level})`;
}

const NO_REGISTERS: Registers = new Map();

function levelText({ report }: Explained, row: Row, registers: Registers = NO_REGISTERS): string {
  const level = Number(BigInt.asIntN(64, bits(row, 'level')));
  if (level >= 0) return WORDS[report.architecture].level(level, row, registers);
  return isInKernel(bits(row, 'pc')) ? 'in the kernel, as pc shows' : 'at a level that the log does not tell';
}

function registersOf(rows: readonly Row[]): Registers {
  const all = new Map<string, bigint>();
  for (const row of rowsOf(rows, 'registers'))
    for (const [name, value] of row.values) if (typeof value === 'bigint') all.set(name, value);
  return all;
}

const X86_SHOWN = [...GENERAL, 'rip', 'rflags', 'cs', 'ss', 'cr0', 'cr2', 'cr3', 'cr4', 'efer'];

/** Those that the log has; undefined where logs of this architecture seldom have any. */
function registerValues({ report }: Explained, registers: Registers): readonly NamedValue[] | undefined {
  const isX86 = report.architecture === 'x86';
  const names = isX86 ? X86_SHOWN : WORDS[report.architecture].registers;
  const values = names
    .filter((name) => registers.has(name) && !(name === 'lr' && registers.has('x30')))
    .map((name) => ({ name: registerName(name, registers, report), value: registers.get(name)! }));
  return values.length === 0 && !isX86 ? undefined : values;
}

function registerName(name: string, registers: Registers, { architecture }: Report): string {
  if (architecture === 'x86') return shown(name, registers);
  return architecture === 'arm' ? name.toUpperCase() : callingName(name);
}

// ---------------------------------------------------------------------------------------------- around it

function cascadeSteps({ cascade, traces }: Explained): string[] {
  return cascade ? plain(cascadeLines(cascade, traces)) : [];
}

/** Places of code in the report's sentences, by name. */
function withNames(given: Explained, line: string): string {
  return line.replace(/\bpc (0x[0-9a-f]+)/g, (_, address: string) => `pc ${named(given, BigInt(address))}`);
}

/** What the report says of these events. */
function findings({ report, event, cascade }: Explained): string[] {
  const last = cascade?.lastEvent ?? event;
  const near = report.anomalies.flatMap(({ title, places }) =>
    places
      .filter((at) => at.event >= event && at.event <= last)
      .slice(0, 1)
      .map((at) => ({ title, ...at })),
  );
  return near
    .toSorted((a, b) => a.event - b.event)
    .map(({ title, evidence, event: at }) => `event ${at}: ${title}: ${evidence}`);
}

function lastEvents(given: Explained, target: Row): Explanation['before'] {
  const { rows, event } = given;
  const before = rowsOf(rows, 'event').filter((row) => number(row, 'event') < event);
  const known = new Set(rowsOf(rows, 'place').map((row) => number(row, 'event')));
  const cpus = [...new Set([number(target, 'cpu'), ...before.map((row) => number(row, 'cpu'))])];
  return cpus.map((cpu) => ({
    cpu,
    events: before
      .filter((row) => number(row, 'cpu') === cpu)
      .slice(-LAST_EVENTS)
      .map((row) => eventLine(given, row, known)),
  }));
}

function eventLine(given: Explained, row: Row, known: ReadonlySet<number>): string {
  const { architecture } = given.report;
  const isNamed = architecture !== 'x86' || number(row, 'vector') < 32;
  const title = isNamed
    ? WORDS[architecture].title(row, NO_REGISTERS)
    : `${text(row, 'name')} ${vectorHex(number(row, 'vector'))}`;
  const event = number(row, 'event');
  const hasPc = architecture === 'x86' || known.has(event);
  const pc = hasPc ? `, pc ${named(given, bits(row, 'pc'))}` : '';
  const address = bits(row, 'address') === 0n ? '' : `, address ${hex(bits(row, 'address'))}`;
  return `event ${event}: ${title}, ${levelText(given, row)}${pc}${address}`;
}
