/** An Explanation for a terminal. */
import type { CodeSection, Explanation, Fact, NamedValue } from './explanation.ts';
import { hex } from './rows.ts';

export function explanationText(explanation: Explanation): string {
  const { place, event, cpu, why, title, level, facts, code, registers, seen, cascade, before } = explanation;
  const head = `${why === '' ? '' : `Event ${event}: ${why}\n`}${place}, event ${event}, CPU ${cpu}: ${title}, ${level}\n`;
  const sections = [
    facts.map(factText).join(''),
    code ? codeText(code) : '',
    registers ? registerText(registers) : '',
    listText('Seen on the way', seen, 2),
    listText('What became of it', cascade, 4),
    beforeText(before),
  ];
  return head + sections.filter((section) => section !== '').join('\n');
}

const NAME_COLUMNS = 10;

function factText({ name, lines }: Fact): string {
  return lines.map((line, i) => `  ${(i === 0 ? name : '').padEnd(NAME_COLUMNS)} ${line}\n`).join('');
}

const BYTES_COLUMNS = 24;

function codeText({ of, lines, pc, notes }: CodeSection): string {
  const shown = lines.map(
    ({ address, bytes, text }) =>
      `  ${address === pc ? '=>' : '  '} ${hex(address)}  ${bytes.padEnd(BYTES_COLUMNS)}  ${text}\n`,
  );
  return `Code${of === '' ? '' : ` of ${of}`}\n${shown.join('')}${notes.map((note) => `  ${note}\n`).join('')}`;
}

const REGISTERS_IN_A_LINE = 4;

function registerText(registers: readonly NamedValue[]): string {
  if (registers.length === 0) return 'Registers\n  the log has none for this event\n';
  const width = registers.some(({ value }) => value >> 32n !== 0n) ? 16 : 8;
  const cells = registers.map(
    ({ name, value }) => `${name.padEnd(6)} ${value.toString(16).padStart(width, '0')}`,
  );
  const lines: string[] = [];
  for (let at = 0; at < cells.length; at += REGISTERS_IN_A_LINE)
    lines.push(`  ${cells.slice(at, at + REGISTERS_IN_A_LINE).join('  ')}\n`);
  return `Registers\n${lines.join('')}`;
}

function listText(title: string, items: readonly string[], indent: number): string {
  return items.length === 0
    ? ''
    : `${title}\n${items.map((item) => `${' '.repeat(indent)}${item}\n`).join('')}`;
}

function beforeText(before: Explanation['before']): string {
  const lines = before.map(
    ({ cpu, events }) =>
      `  CPU ${cpu}${events.length === 0 ? ': none' : ''}\n${events.map((event) => `    ${event}\n`).join('')}`,
  );
  return `The events before it\n${lines.join('')}`;
}
