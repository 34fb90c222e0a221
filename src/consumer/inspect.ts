/**
 * print(regs) and disasm(), as a kernel debugger shows them. Both begin on a line of their own, like stacks.
 *
 *   rip    ffffffff8010230f kernel`fib
 *   rflags 0000000000000246 IF ZF PF
 *   rax    0000000000000005   rbx    …
 */
import type { Disassembler, Symbolizer } from '../dif/consumer-contract.ts';
import {
  CODE_BYTES_AT,
  FLAG_NAMES,
  REGISTER_MASK_AT,
  REGISTER_ROWS,
  REGISTER_VALUES_AT,
  type RegisterRow,
} from '../dif/inspected.ts';
import { registerId } from '../dif/register-ids.ts';
import { addressText } from './stacks.ts';
import type { TextBuffer } from './text-buffer.ts';
import type { Field } from './values.ts';

const NEWLINE = 0x0a;

export function writeRegisters(
  out: TextBuffer,
  field: Field,
  symbols: Symbolizer | undefined,
  indent: number,
): void {
  out.byte(NEWLINE);
  const rows = REGISTER_ROWS[field.memory.u32[field.offset >>> 2]!] ?? [];
  for (const { digits, names } of rows) {
    const cells = names.flatMap((name) => {
      const value = registerOf(field, registerId(name));
      return value === undefined ? [] : [cellText(name, value, digits, symbols)];
    });
    if (cells.length === 0) continue;
    // What has an explanation behind it stands alone.
    const isWide = cells.some((cell) => cell.includes(' ', NAME_COLUMNS + digits));
    for (const line of isWide ? cells : [cells.join('   ')]) {
      out.blanks(indent);
      out.text(line.trimEnd());
      out.byte(NEWLINE);
    }
  }
}

/** Names of registers, and a blank. */
const NAME_COLUMNS = 10;

function cellText(
  name: string,
  value: bigint,
  digits: RegisterRow['digits'],
  symbols: Symbolizer | undefined,
): string {
  const number = value.toString(16).padStart(digits, '0');
  const more = name === 'rip' ? symbolOf(value, symbols) : name === 'rflags' ? flagsText(value) : '';
  return `${name.padEnd(NAME_COLUMNS - 1)} ${number}${more === '' ? '' : ` ${more}`}`;
}

function symbolOf(address: bigint, symbols: Symbolizer | undefined): string {
  return symbols?.lookup(address) === undefined ? '' : addressText(symbols, address);
}

function flagsText(flags: bigint): string {
  const names = FLAG_NAMES.filter(([bit]) => (flags >> BigInt(bit)) & 1n).map(([, name]) => name);
  const level = (flags >> 12n) & 3n;
  return [...(level === 0n ? [] : [`IOPL=${level}`]), ...names].join(' ');
}

/** Undefined where the event does not carry it. */
function registerOf({ memory, offset }: Field, id: number): bigint | undefined {
  const isCarried = (memory.u8[offset + REGISTER_MASK_AT + (id >> 3)]! >> (id & 7)) & 1;
  return isCarried ? memory.u64[(offset + REGISTER_VALUES_AT + 8 * id) >>> 3]! : undefined;
}

/** Each instruction with its address before it, and the name of what it leads to behind it. */
export function writeCode(
  out: TextBuffer,
  { memory, offset }: Field,
  count: number,
  { disassembler, symbols }: { disassembler?: Disassembler | undefined; symbols?: Symbolizer | undefined },
  indent: number,
): void {
  const address = memory.u64[offset >>> 3]!;
  const size = memory.u32[(offset >>> 2) + 2]!;
  const bytes = memory.u8.slice(offset + CODE_BYTES_AT, offset + CODE_BYTES_AT + size);
  const found = disassembler?.instructions(address, bytes, count) ?? [];
  const lines = found.map((each) => ({ place: addressText(symbols, each.address), ...each }));
  const width = Math.max(0, ...lines.map(({ place }) => place.length));
  out.byte(NEWLINE);
  for (const { place, text, target } of lines) {
    const name = target === undefined ? '' : symbolOf(target, symbols);
    out.blanks(indent);
    out.text(`${place.padEnd(width)}  ${text}${name === '' ? '' : ` <${name}>`}`);
    out.byte(NEWLINE);
  }
  if (lines.length >= count) return;
  out.blanks(indent);
  out.text(`(no code can be read at 0x${nextAddress(found, address).toString(16)})`);
  out.byte(NEWLINE);
}

function nextAddress(found: ReturnType<Disassembler['instructions']>, first: bigint): bigint {
  const last = found.at(-1);
  return last === undefined ? first : last.address + BigInt(last.sizeBytes);
}
