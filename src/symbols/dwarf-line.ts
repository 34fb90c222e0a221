/**
 * .debug_line: which source line each address belongs to (DWARF 5, section 6.2; versions 2 to 4 differ in the header).
 *
 *   section ─readLineUnits─▶ units ─runLineProgram─▶ sequences of rows
 *                                  └fileName──▶ names, when somebody asks
 *
 * A unit's program is a little machine that writes rows of (address, file, line) in ascending order, in sequences of
 * code that lies together. Rows are told and not kept. An address is its sequence's start, 64 bits wide, and an offset to that.
 */
import type { DwarfReader } from './dwarf-reader.ts';

export interface LineUnit {
  readonly version: number;
  readonly offsetBytes: 4 | 8;
  readonly tables: number; // where the directories begin
  readonly program: number;
  readonly end: number;
  readonly minimumStep: number;
  readonly opsPerInstruction: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly operandCounts: readonly number[]; // by standard opcode
}

export interface LineSink {
  /** A sequence begins at an address. */
  readonly begin: (address: bigint) => void;
  /** From `offset` on it is that line, until the next row. */
  readonly row: (offset: number, file: number, line: number) => void;
  readonly end: (offset: number) => void;
}

const FIRST_VERSION = 2;
const LAST_VERSION = 5;
const DWARF_64 = 0xffffffff;
/** Lengths from here on are reserved. */
const FIRST_RESERVED = 0xfffffff0;

export function readLineUnits(section: DwarfReader): LineUnit[] {
  const units: LineUnit[] = [];
  for (const reader = section.within(0, section.end); !reader.isSpent; ) {
    const first = reader.u32();
    if (first >= FIRST_RESERVED && first !== DWARF_64) break;
    const offsetBytes = first === DWARF_64 ? 8 : 4;
    const length = first === DWARF_64 ? Number(reader.u64()) : first;
    const end = Math.min(reader.at + length, section.end);
    const unit = readHeader(section.within(reader.at, end), offsetBytes);
    if (unit) units.push(unit);
    reader.at = end;
  }
  return units;
}

/** Undefined for a version that is none of ours. */
function readHeader(reader: DwarfReader, offsetBytes: 4 | 8): LineUnit | undefined {
  const version = reader.u16();
  if (version < FIRST_VERSION || version > LAST_VERSION) return undefined;
  if (version >= 5) reader.skip(2); // sizes of addresses and segment selectors: set_address has its own
  const headerBytes = reader.offset(offsetBytes);
  const program = reader.at + headerBytes;
  const minimumStep = reader.u8();
  const opsPerInstruction = version >= 4 ? reader.u8() : 1;
  reader.u8(); // whether rows begin as statements: all rows count here
  const lineBase = (reader.u8() << 24) >> 24;
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  const operandCounts = [0, ...Array.from({ length: Math.max(0, opcodeBase - 1) }, () => reader.u8())];
  if (lineRange === 0 || opcodeBase === 0 || program > reader.end) return undefined;
  return {
    ...{ version, offsetBytes, tables: reader.at, program, end: reader.end, minimumStep },
    ...{ opsPerInstruction: Math.max(1, opsPerInstruction), lineBase, lineRange, operandCounts },
  };
}

const EXTENDED = 0;
const COPY = 1;
const ADVANCE_PC = 2;
const ADVANCE_LINE = 3;
const SET_FILE = 4;
const CONST_ADD_PC = 8;
const FIXED_ADVANCE_PC = 9;

const END_SEQUENCE = 1;
const SET_ADDRESS = 2;

/** No code is larger, so that an offset is exact. */
const MAX_SEQUENCE_BYTES = 2n ** 48n;

export function runLineProgram(section: DwarfReader, unit: LineUnit, sink: LineSink): void {
  const { minimumStep, opsPerInstruction, lineBase, lineRange, operandCounts } = unit;
  const reader = section.within(unit.program, unit.end);
  const opcodeBase = operandCounts.length;
  let [start, offset, operation, file, line] = [undefined as bigint | undefined, 0, 0, 1, 1];
  const begin = (address: bigint): void => {
    start = address;
    offset = 0;
    sink.begin(address);
  };
  /** VLIW code has several operations at an address. */
  const advance = (operations: number): void => {
    if (opsPerInstruction === 1) {
      offset += minimumStep * operations;
      return;
    }
    offset += minimumStep * Math.floor((operation + operations) / opsPerInstruction);
    operation = (operation + operations) % opsPerInstruction;
  };
  const row = (): void => {
    if (start === undefined) begin(0n);
    sink.row(offset, file, line);
  };
  while (!reader.isSpent) {
    const opcode = reader.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      advance(Math.floor(adjusted / lineRange));
      line += lineBase + (adjusted % lineRange);
      row();
    } else if (opcode === EXTENDED) {
      const length = reader.uleb();
      const next = reader.at + length;
      const extended = reader.u8();
      if (extended === END_SEQUENCE) {
        if (start !== undefined) sink.end(offset);
        [start, offset, operation, file, line] = [undefined, 0, 0, 1, 1];
      } else if (extended === SET_ADDRESS) {
        const address = reader.address(length - 1);
        const distance = address - (start ?? address);
        operation = 0;
        if (start !== undefined && distance >= 0n && distance < MAX_SEQUENCE_BYTES) offset = Number(distance);
        else {
          if (start !== undefined) sink.end(offset);
          begin(address);
        }
      }
      reader.at = Math.min(next, reader.end);
    } else if (opcode === COPY) row();
    else if (opcode === ADVANCE_PC) advance(reader.uleb());
    else if (opcode === ADVANCE_LINE) line += reader.sleb();
    else if (opcode === SET_FILE) file = reader.uleb();
    else if (opcode === CONST_ADD_PC) advance(Math.floor((255 - opcodeBase) / lineRange));
    else if (opcode === FIXED_ADVANCE_PC) {
      offset += reader.u16();
      operation = 0;
    } else for (let count = operandCounts[opcode]!; count > 0; count--) reader.uleb();
  }
}
