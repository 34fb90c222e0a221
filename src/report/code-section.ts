/**
 * The code at pc, and whether image and log belong together: code of another build gives the wrong function without a sign,
 * so what the log says is held against what the image has.
 */
import type { Explained } from './explain.ts';
import type { CodeSection, CodeView, GuestCode } from './explanation.ts';
import { memoryOperands, type Registers } from './operand.ts';
import { nameAndLine } from './places.ts';
import { bits, hex, number, type Row, rowsOf, text } from './rows.ts';
import { PAGE_FAULT } from './vectors.ts';
import { bitsOf } from './x86-mode.ts';

const DIVIDE_ERROR = 0;
const BREAKPOINT = 3;
const MAX_ACCESS_BYTES = 64n;

export function codeSection(given: Explained, row: Row, registers: Registers): CodeSection | undefined {
  const { code, report } = given;
  const pc = bits(row, 'pc');
  const none = { of: '', lines: [], pc };
  if (!code.hasFiles) return undefined;
  if (report.architecture !== 'x86') return hintOf(code, pc);
  if (!code.hasImage) return undefined;
  const view = code.around(pc, bitsOf(registers));
  if (view === undefined) return { ...none, notes: [`the image has none at ${hex(pc)}`] };
  const warning = mismatch(row, registers, view) ?? strangers(given, registers);
  const notes = warning === undefined ? [] : [`warning: image and log do not match: ${warning}`];
  return { of: nameAndLine(code, pc), lines: view.lines, pc, notes };
}

function hintOf(code: GuestCode, pc: bigint): CodeSection | undefined {
  const command = code.objdump(pc);
  if (command === undefined) return undefined;
  const note = `there is no disassembler for it here: ${command}`;
  return { of: nameAndLine(code, pc), lines: [], pc, notes: [note] };
}

/** The text of the instruction at pc; undefined without code. */
export function instructionAt(code: GuestCode, pc: bigint, registers: Registers): string | undefined {
  const view = code.around(pc, bitsOf(registers));
  return view?.lines.find(({ address }) => address === pc)?.text;
}

/** Why the instruction at pc cannot have raised this. */
function mismatch(row: Row, registers: Registers, view: CodeView): string | undefined {
  const pc = bits(row, 'pc');
  const line = view.lines.find(({ address }) => address === pc);
  if (!line) return undefined;
  if (!view.isBoundary) return `no instruction of the image begins at pc`;
  const vector = number(row, 'vector');
  const here = `${line.text} at pc`;
  if (text(row, 'kind') === 'soft') return /^int/.test(line.text) ? undefined : `${here} is no INT`;
  if (vector === DIVIDE_ERROR && !/\bi?div/.test(line.text)) return `${here} divides nothing`;
  if (vector === BREAKPOINT && !line.bytes.startsWith('cc')) return `${here} is no INT3`;
  if (vector !== PAGE_FAULT || bits(row, 'address') === pc) return undefined;
  const fault = bits(row, 'address');
  const operands = memoryOperands(line.text, registers, bitsOf(registers));
  const covers = (address: bigint) => fault >= address && fault < address + MAX_ACCESS_BYTES;
  // The fetch of an instruction may go on into the next page.
  const isFetch = fault > pc && fault < pc + BigInt(line.bytes.length / 2);
  if (operands.length === 0 || isFetch || operands.some(({ address }) => covers(address))) return undefined;
  return `${here} accesses ${operands.map(({ address }) => hex(address)).join(' and ')}, not ${hex(fault)}`;
}

/** Places of the kernel that are looked at, and how many of them may be wrong: code that was patched at run time. */
const MAX_PLACES = 64;
const MIN_PLACES = 4;
const MOST_WRONG = 0.25;

/** Whether where the log's events were is where the image has instructions. */
function strangers({ rows, code }: Explained, registers: Registers): string | undefined {
  const places = [
    ...new Set(
      rowsOf(rows, 'event')
        .filter((row) => number(row, 'level') === 0)
        .map((row) => bits(row, 'pc')),
    ),
  ].slice(-MAX_PLACES);
  const views = places.map((pc) => code.around(pc, bitsOf(registers))).filter((view) => view !== undefined);
  const wrong = views.filter(({ isBoundary }) => !isBoundary).length;
  if (views.length < MIN_PLACES || wrong <= views.length * MOST_WRONG) return undefined;
  return `at ${wrong} of ${views.length} places where the kernel was interrupted, no instruction of the image begins`;
}
