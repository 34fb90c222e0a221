/**
 * One event for a human: what happened, why the CPU says so, where, what the registers hold, what came before.
 *
 * In: the rows of detailProgram, the report of the same log, names and code of the guest where there are any. Out: text.
 */

import type { Report } from './analysis.ts';
import type { Cascade } from './cascade.ts';
import { GENERAL } from './detail.ts';
import { covers, fact, facts, named, operandsOf, shown } from './facts.ts';
import type { Registers } from './operand.ts';
import { cascadeLines, place } from './report-text.ts';
import { bits, hex, number, type Row, rowsOf, text } from './rows.ts';
import { PAGE_FAULT, vectorHex, vectorTitle } from './vectors.ts';

/** What is known of the guest's code. */
export interface GuestCode {
  /** `module`function+0x10` */
  readonly name: (address: bigint) => string | undefined;
  /** Instructions around an address, the one at it among them; undefined without code there. */
  readonly around: (address: bigint) => readonly CodeLine[] | undefined;
  readonly hasImage: boolean;
}

export interface CodeLine {
  readonly address: bigint;
  readonly bytes: string; // hex
  readonly text: string;
}

export interface Explained {
  readonly traces: readonly string[];
  readonly report: Report;
  readonly rows: readonly Row[];
  readonly event: number;
  readonly code: GuestCode;
  readonly cascade: Cascade | undefined;
}

/** Events shown of each CPU. */
const LAST_EVENTS = 5;

export function explainText(given: Explained): string | undefined {
  const { rows, event, traces, report } = given;
  const row = rowsOf(rows, 'event').find((candidate) => number(candidate, 'event') === event);
  if (!row) return undefined;
  const registers = registersOf(rows);
  const isX86 = report.architecture === 'x86';
  const title =
    isX86 && text(row, 'kind') !== 'soft' ? eventTitle(row) : text(row, 'name').replaceAll('_', ' ');
  const head = `${place(traces, number(row, 'line'))}, event ${event}, CPU ${number(row, 'cpu')}: ${title}, ${levelText(row, report)}\n`;
  const sections = [
    isX86 ? facts(given, row, registers) : otherFacts(given, row),
    codeSection(given, row, registers),
    isX86 ? registerSection(registers) : '',
    findingSection(given),
    cascadeSection(given),
    lastSection(given, row),
  ];
  return head + sections.filter((section) => section !== '').join('\n');
}

function eventTitle(row: Row): string {
  const vector = number(row, 'vector');
  return vector < 32 ? vectorTitle(vector) : `device interrupt ${vectorHex(vector)}`;
}

function levelText(row: Row, { architecture }: Report): string {
  const level = Number(BigInt.asIntN(64, bits(row, 'level')));
  if (level < 0) return 'at a level that the log does not tell';
  if (architecture === 'x86') return level === 0 ? 'in the kernel (CPL 0)' : `in user mode (CPL ${level})`;
  return architecture === 'arm' ? `at EL${level}` : `in mode ${['U', 'S', 'H', 'M'][level] ?? level}`;
}

function registersOf(rows: readonly Row[]): Registers {
  const all = new Map<string, bigint>();
  for (const row of rowsOf(rows, 'registers'))
    for (const [name, value] of row.values) if (typeof value === 'bigint') all.set(name, value);
  return all;
}

function otherFacts(given: Explained, row: Row): string {
  const address = bits(row, 'address');
  return [
    fact('cause', `${number(row, 'vector')}, ${text(row, 'kind')}`),
    fact('pc', named(given, bits(row, 'pc'))),
    address === 0n ? '' : fact('address', `${named(given, address)}`),
  ].join('');
}

// ---------------------------------------------------------------------------------------------- code

function codeSection(given: Explained, row: Row, registers: Registers): string {
  const { code, report } = given;
  if (!code.hasImage || report.architecture !== 'x86') return '';
  const pc = bits(row, 'pc');
  const lines = code.around(pc);
  if (lines === undefined) return `Code\n  the image has none at ${hex(pc)}\n`;
  const shown = lines.map(
    ({ address, bytes, text: instruction }) =>
      `  ${address === pc ? '=>' : '  '} ${hex(address)}  ${bytes.padEnd(24)}  ${instruction}\n`,
  );
  const warning = mismatch(given, row, registers);
  return `Code${code.name(pc) ? ` of ${code.name(pc)}` : ''}\n${shown.join('')}${warning === undefined ? '' : `  warning: image and log do not match: ${warning}\n`}`;
}

/** Why the instruction at pc cannot have raised this. */
function mismatch(given: Explained, row: Row, registers: Registers): string | undefined {
  const pc = bits(row, 'pc');
  const line = given.code.around(pc)?.find(({ address }) => address === pc);
  if (!line) return undefined;
  const vector = number(row, 'vector');
  const here = `${line.text} at pc`;
  if (vector === 0 && !/\bi?div/.test(line.text)) return `${here} divides nothing`;
  if (vector === 3 && !line.bytes.startsWith('cc')) return `${here} is no INT3`;
  if (text(row, 'kind') === 'soft' && !/^int/.test(line.text)) return `${here} is no INT`;
  if (vector !== PAGE_FAULT || bits(row, 'address') === pc) return undefined;
  const operands = operandsOf(given, pc, registers);
  if (operands.length === 0 || operands.some((operand) => covers(operand, bits(row, 'address'))))
    return undefined;
  const accessed = operands.map(({ address }) => hex(address)).join(' and ');
  return `${here} accesses ${accessed}, not ${hex(bits(row, 'address'))}`;
}

function registerSection(registers: Registers): string {
  if (registers.size === 0) return 'Registers\n  the log has none for this event\n';
  const names = [...GENERAL, 'rip', 'rflags', 'cs', 'ss', 'cr0', 'cr2', 'cr3', 'cr4', 'efer'].filter((name) =>
    registers.has(name),
  );
  const width = names.some((name) => registers.get(name)! >> 32n !== 0n) ? 16 : 8;
  const cells = names.map(
    (name) => `${shown(name, registers).padEnd(6)} ${registers.get(name)!.toString(16).padStart(width, '0')}`,
  );
  const lines = Array.from(
    { length: Math.ceil(cells.length / 4) },
    (_, i) => `  ${cells.slice(i * 4, i * 4 + 4).join('  ')}\n`,
  );
  return `Registers\n${lines.join('')}`;
}

// ---------------------------------------------------------------------------------------------- around it

function cascadeSection({ cascade, traces }: Explained): string {
  return cascade ? `What became of it\n${cascadeLines(cascade, traces)}` : '';
}

/** What the report says of these events. */
function findingSection({ report, event, cascade }: Explained): string {
  const last = cascade?.lastEvent ?? event;
  const near = report.anomalies.flatMap(({ title, places }) =>
    places
      .filter((at) => at.event >= event && at.event <= last)
      .slice(0, 1)
      .map(({ evidence, event: at }) => `  event ${at}: ${title}: ${evidence}\n`),
  );
  return near.length === 0 ? '' : `Seen on the way\n${near.join('')}`;
}

function lastSection(given: Explained, target: Row): string {
  const { rows, event, report } = given;
  const before = rowsOf(rows, 'event').filter((row) => number(row, 'event') < event);
  const cpus = [...new Set([number(target, 'cpu'), ...before.map((row) => number(row, 'cpu'))])];
  const lines = cpus.map((cpu) => {
    const own = before.filter((row) => number(row, 'cpu') === cpu).slice(-LAST_EVENTS);
    const shown = own.map((row) => {
      const title =
        report.architecture === 'x86' && number(row, 'vector') < 32
          ? vectorTitle(number(row, 'vector'))
          : `${text(row, 'name')} ${report.architecture === 'x86' ? vectorHex(number(row, 'vector')) : number(row, 'vector')}`;
      const address = bits(row, 'address') === 0n ? '' : `, address ${hex(bits(row, 'address'))}`;
      return `    event ${number(row, 'event')}: ${title}, ${levelText(row, report)}, pc ${named(given, bits(row, 'pc'))}${address}\n`;
    });
    return `  CPU ${cpu}${own.length === 0 ? ': none' : ''}\n${shown.join('')}`;
  });
  return `The events before it\n${lines.join('')}`;
}
