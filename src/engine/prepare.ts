/**
 * Makes a verified DIFO ready to run: tables copied to linear memory, operands resolved to where things are.
 *
 * Four words per instruction, {op, a, b, c}. Registers become indices of 32-bit words in linear memory, branch labels
 * become word indices, and loads and stores of variables become one of the opcodes of prepared-opcodes.ts by where the
 * variable lives. Built-in variables of the firing or of the machine's cells have a fixed place: reading them is the
 * same `copy` as reading a global or a constant, and propagate.ts then removes most of these copies.
 *
 * A DIFO that only returns such a place is not run at all: `direct` says where its value is.
 */
import { bug } from '../base/assert.ts';
import type { LinearMemory } from '../base/linear-memory.ts';
import { OPCODES, REGISTER_FILE_SIZE } from '../dif/opcodes.ts';
import type { Difo } from '../dif/program.ts';
import { SUBROUTINES, type SubrName } from '../dif/subroutines.ts';
import {
  BUILTIN_VARIABLES,
  LOW_REGISTER_VARIABLE_BASE,
  REGISTER_VARIABLE_BASE,
  USER_VARIABLE_BASE,
  type VariableDef,
} from '../dif/variables.ts';
import { ARCHITECTURE_IDS } from '../machine/causes.ts';
import type { ColumnName } from '../machine/event-batch.ts';
import { COLUMN_REGISTERS } from '../machine/registers.ts';
import { FIRING } from './firing.ts';
import { GUEST_VALUES, type GuestValue, isGuestValue } from './guest-task.ts';
import type { Instruction } from './instruction.ts';
import { CELLS, type MachineState } from './machine-state.ts';
import { PREPARED } from './prepared-opcodes.ts';
import { propagate } from './propagate.ts';
import { SUBROUTINE_HANDLERS, type SubroutineHandler } from './subroutines.ts';
import type { VariableSlot, VariableStorage } from './variables.ts';

export interface PreparedDifo {
  readonly code: Int32Array;
  /** Byte offset in the DIFO of each instruction, for faults. */
  readonly offsets: Int32Array;
  /** Word index of the value when it has a fixed place; else 0. */
  readonly direct: number;
  /** Where the interpreter's form of it starts, once it has run it (instructions.ts). */
  first: Instruction | undefined;
}

/** What prepared code refers to by number; grows while clauses are prepared. */
export class PreparedTables {
  readonly slots: VariableSlot[] = [];
  private readonly slotNumbers = new Map<VariableSlot, number>();
  private readonly tableOffsets = new Map<Uint8Array | BigInt64Array, number>();
  private readonly constants: { readonly start: number; readonly end: number }[] = [];

  slotNumber(slot: VariableSlot): number {
    const known = this.slotNumbers.get(slot);
    if (known !== undefined) return known;
    this.slotNumbers.set(slot, this.slots.length);
    return this.slots.push(slot) - 1;
  }

  /** Offset of a table's copy in linear memory; tables that DIFOs share are copied once. */
  place(m: MachineState, table: Uint8Array | BigInt64Array): number {
    const known = this.tableOffsets.get(table);
    if (known !== undefined) return known;
    // One byte more than needed: a NUL that ends the table whatever it holds.
    const offset = m.memory.reserve(table.byteLength + 1);
    m.memory.u8.set(new Uint8Array(table.buffer, table.byteOffset, table.byteLength), offset);
    if (table instanceof Uint8Array) m.visible.add(offset, offset + table.byteLength + 1);
    else this.constants.push({ start: offset, end: offset + table.byteLength });
    this.tableOffsets.set(table, offset);
    return offset;
  }

  /** Whether the integer at an offset is one of a table: it never changes. */
  isConstant(offset: number): boolean {
    return this.constants.some(({ start, end }) => offset >= start && offset < end);
  }
}

/** Handlers by subroutine number, for `call`. */
export const HANDLERS: readonly (SubroutineHandler | undefined)[] = (() => {
  const handlers: (SubroutineHandler | undefined)[] = new Array(64).fill(undefined);
  for (const [name, row] of Object.entries(SUBROUTINES)) {
    handlers[row.id] = SUBROUTINE_HANDLERS[name as SubrName];
  }
  return handlers;
})();

function builtinById(id: number): readonly [string, VariableDef] {
  const rows = Object.entries<VariableDef>(BUILTIN_VARIABLES);
  return rows.find(([, row]) => row.id === id) ?? bug('engine', `unknown built-in variable ${id}`);
}

export function prepare(
  difo: Difo,
  m: MachineState,
  storage: VariableStorage,
  tables: PreparedTables,
): PreparedDifo {
  const code = new Int32Array(difo.code.length * 4);
  difo.code.forEach((word, pc) => {
    code.set(prepareInstruction(word, difo, m, storage, tables), pc * 4);
  });
  const short = propagate(code, register(m, 0), REGISTER_FILE_SIZE);
  const isPlain = short.code.length === 4; // nothing is left but `ret`
  return { ...short, direct: isPlain ? short.code[3]! : 0, first: undefined };
}

type Quad = readonly [op: number, a: number, b: number, c: number];

function prepareInstruction(
  word: number,
  difo: Difo,
  m: MachineState,
  storage: VariableStorage,
  tables: PreparedTables,
): Quad {
  const op = word >>> 24;
  const a = (word >>> 16) & 0xff;
  const b = (word >>> 8) & 0xff;
  const wide = (word >>> 8) & 0xffff;
  const target = register(m, word & 0xff);
  switch (op) {
    case OPCODES.ba.op:
    case OPCODES.be.op:
    case OPCODES.bne.op:
    case OPCODES.bg.op:
    case OPCODES.bgu.op:
    case OPCODES.bge.op:
    case OPCODES.bgeu.op:
    case OPCODES.bl.op:
    case OPCODES.blu.op:
    case OPCODES.ble.op:
    case OPCODES.bleu.op:
      return [op, (word & 0xffffff) * 4, 0, 0];
    case OPCODES.setx.op:
      return [PREPARED.copy, (tables.place(m, difo.integers) >>> 2) + wide * 2, 0, target];
    case OPCODES.sets.op:
      return [PREPARED.address, tables.place(m, difo.strings) + wide, 0, target];
    case OPCODES.mov.op:
      return [PREPARED.copy, register(m, a), 0, target];
    case OPCODES.call.op:
      return [op, wide, 0, target];
    case OPCODES.pushtr.op:
    case OPCODES.pushtv.op:
      return [op, a, register(m, b), target];
    case OPCODES.ldga.op:
      return loadArray(m, a, register(m, b), target);
    case OPCODES.ldgs.op:
      if (wide < USER_VARIABLE_BASE) return loadBuiltin(m, wide, target);
      return loadFixed(storage.slot('global', wide), tables, target);
    case OPCODES.stgs.op:
      return storeFixed(storage.slot('global', wide), tables, target);
    case OPCODES.ldls.op:
      return loadFixed(storage.slot('clause', wide), tables, target);
    case OPCODES.stls.op:
      return storeFixed(storage.slot('clause', wide), tables, target);
    case OPCODES.ldts.op:
      return [PREPARED.loadDynamic, tables.slotNumber(storage.slot('thread', wide)), 0, target];
    case OPCODES.stts.op:
      return [PREPARED.storeDynamic, tables.slotNumber(storage.slot('thread', wide)), 0, target];
    case OPCODES.ldgaa.op:
      return [PREPARED.loadDynamic, tables.slotNumber(storage.slot('global', wide)), 1, target];
    case OPCODES.stgaa.op:
      return [PREPARED.storeDynamic, tables.slotNumber(storage.slot('global', wide)), 1, target];
    case OPCODES.ldtaa.op:
      return [PREPARED.loadDynamic, tables.slotNumber(storage.slot('thread', wide)), 1, target];
    case OPCODES.sttaa.op:
      return [PREPARED.storeDynamic, tables.slotNumber(storage.slot('thread', wide)), 1, target];
    default:
      return [op, register(m, a), register(m, b), target];
  }
}

function register(m: MachineState, number: number): number {
  return (m.registersAt >>> 2) + number * 2;
}

function loadFixed(slot: VariableSlot, tables: PreparedTables, target: number): Quad {
  if (slot.kind === 'int') return [PREPARED.copy, slot.at >>> 2, 0, target];
  return [PREPARED.loadRef, tables.slotNumber(slot), 0, target];
}

function storeFixed(slot: VariableSlot, tables: PreparedTables, from: number): Quad {
  if (slot.kind === 'int') return [PREPARED.storeInt, slot.at >>> 2, slot.narrowing, from];
  return [PREPARED.storeRef, tables.slotNumber(slot), 0, from];
}

function loadArray(m: MachineState, id: number, index: number, target: number): Quad {
  if (id === BUILTIN_VARIABLES.args.id) {
    return [PREPARED.argument, (m.firing.at + FIRING.args) >>> 2, index, target];
  }
  const { uregs, vmregs } = BUILTIN_VARIABLES;
  if (id === uregs.id || id === vmregs.id) return [PREPARED.uregs, 0, index, target];
  return bug('engine', `unknown array variable ${id}`);
}

function loadBuiltin(m: MachineState, id: number, target: number): Quad {
  if (id >= LOW_REGISTER_VARIABLE_BASE) {
    return [PREPARED.lowRegister, id - LOW_REGISTER_VARIABLE_BASE, id, target];
  }
  if (id >= REGISTER_VARIABLE_BASE) return [PREPARED.register, id - REGISTER_VARIABLE_BASE, id, target];
  const [name, row] = builtinById(id);
  const { args } = FIRING;
  const { arg0, arg9 } = BUILTIN_VARIABLES;
  if (id >= arg0.id && id <= arg9.id) {
    const op = m.firing.mayMissArgs ? PREPARED.siteArgument : PREPARED.copy;
    return [op, (m.firing.at + args + (id - arg0.id) * 8) >>> 2, op === PREPARED.copy ? 0 : id, target];
  }
  const special = loadSpecial(m, name, id, target);
  if (special !== undefined) return special;
  if (row.column !== undefined) return loadColumn(m, row.column, id, target);
  if (row.absent !== undefined) return constant(m.memory, row.absent, target);
  return [PREPARED.noValue, 0, id, target];
}

function constant(memory: LinearMemory, value: bigint, target: number): Quad {
  const at = memory.reserve(8);
  memory.i64[at >>> 3] = value;
  return [PREPARED.copy, at >>> 2, 0, target];
}

/** Cells that hold a built-in of the same name, and what is computed from columns. */
function loadSpecial(m: MachineState, name: string, id: number, target: number): Quad | undefined {
  const { at: columns } = m.firing.batch;
  const { architecture } = m.firing.batch;
  if (architecture !== ARCHITECTURE_IDS.x86 && Object.hasOwn(COLUMN_REGISTERS, name))
    return [PREPARED.register, COLUMN_REGISTERS[name as keyof typeof COLUMN_REGISTERS], id, target];
  if (isGuestValue(name) && (m.guestProcess.knowsProcesses || name === 'percpu'))
    return loadGuest(m, name, target);
  switch (name) {
    case 'timestamp':
    case 'vtimestamp':
    case 'walltimestamp':
    case 'errno':
      return [PREPARED.copy, (m.firing.at + FIRING[name]) >>> 2, 0, target];
    case 'epid':
    case 'id':
    case 'cpu':
    case 'probeprov':
    case 'probemod':
    case 'probefunc':
    case 'probename':
    case 'execname':
    case 'pid':
    case 'ppid':
    case 'uid':
    case 'gid':
    case 'tid':
    case 'zonename':
      return [PREPARED.copy, (m.cellsAt + CELLS[name]) >>> 2, 0, target];
    case 'depth': // a log shows no returns, so nesting cannot be counted
      return [PREPARED.copy, (m.cellsAt + CELLS.zero) >>> 2, 0, target];
    case 'stackdepth':
      return [PREPARED.stackDepth, 0, 0, target];
    case 'ustackdepth':
      return [PREPARED.stackDepth, 0, 1, target];
    case 'caller':
      return [PREPARED.caller, 0, 0, target];
    case 'ucaller':
      return [PREPARED.caller, 0, 1, target];
    case 'ipl':
      return [PREPARED.ipl, columns.flags, id, target];
    case 'iflag':
      return [PREPARED.iflag, columns.flags, id, target];
    case 'nmi':
      return [PREPARED.nmi, columns.vector, id, target];
    default:
      return undefined;
  }
}

/** Without a process, built-ins of the guest say what their cells do. */
function loadGuest(m: MachineState, name: GuestValue, target: number): Quad {
  const cell = name === 'percpu' || name === 'curthread' ? CELLS.zero : CELLS[name];
  return [PREPARED.guest, GUEST_VALUES[name], (m.cellsAt + cell) >>> 2, target];
}

const COLUMN_OPS: { readonly [column in ColumnName]: number } = {
  kind: PREPARED.column8,
  cpl: PREPARED.column8,
  flags: PREPARED.column8,
  cpu: PREPARED.column16,
  vector: PREPARED.column16,
  seq: PREPARED.column64,
  errcode: PREPARED.column64,
  pc: PREPARED.column64,
  sp: PREPARED.column64,
  faddr: PREPARED.column64,
  time: PREPARED.columnF64,
  line: PREPARED.columnF64,
  text: PREPARED.noValue,
};

function loadColumn(m: MachineState, column: ColumnName, id: number, target: number): Quad {
  return [COLUMN_OPS[column], m.firing.batch.at[column], id, target];
}
