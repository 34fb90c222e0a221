/**
 * Built-ins that the firing's event supplies: columns of its row, its registers (its stack: guest-stack.ts).
 * A firing without an event, or an event without the value, faults NOVALUE with the variable's id: never 0 by default.
 */
import { FAULTS } from '../dif/faults.ts';
import { BUILTIN_VARIABLES } from '../dif/variables.ts';
import { EVENT_FLAGS, EVENT_KINDS } from '../machine/event-batch.ts';
import { userRegister } from '../machine/user-registers.ts';
import { FIRING, NO_ROW } from './firing.ts';
import type { MachineState } from './machine-state.ts';
import { setDouble } from './wide-arithmetic.ts';

const NMI_VECTOR = 2;

/** W[to] := column cell. `sizeBytes` says which kind of column; 'f64' ones hold integers. */
function readColumn8(m: MachineState, column: number, id: number, to: number): boolean {
  const { row } = m.firing;
  if (row === NO_ROW) return m.noValue(id);
  return setSmall(m, to, m.memory.u8[column + row]!);
}

function readColumn16(m: MachineState, column: number, id: number, to: number): boolean {
  const { row } = m.firing;
  if (row === NO_ROW) return m.noValue(id);
  return setSmall(m, to, m.memory.u16[(column >>> 1) + row]!);
}

function readColumn64(m: MachineState, column: number, id: number, to: number): boolean {
  const { row } = m.firing;
  if (row === NO_ROW) return m.noValue(id);
  const { i32 } = m.memory;
  const from = (column >>> 2) + row * 2;
  i32[to] = i32[from]!;
  i32[to + 1] = i32[from + 1]!;
  return true;
}

export function readColumnF64(m: MachineState, column: number, id: number, to: number): boolean {
  const { row } = m.firing;
  const value = row === NO_ROW ? Number.NaN : m.memory.f64[(column >>> 3) + row]!;
  if (Number.isNaN(value)) return m.noValue(id);
  setDouble(m.memory.i32, to, value);
  return true;
}

/** `at` is the flags column. */
export function readIflag(m: MachineState, at: number, id: number, to: number): boolean {
  const { row } = m.firing;
  const flags = row === NO_ROW ? 0 : m.memory.u8[at + row]!;
  if ((flags & EVENT_FLAGS.IF_KNOWN) === 0) return m.noValue(id);
  return setSmall(m, to, (flags & EVENT_FLAGS.IF) === 0 ? 0 : 1);
}

/** 1 when interrupts are known to have been disabled; 0 otherwise, without an event too. */
export function readIpl(m: MachineState, at: number, to: number): boolean {
  const { row } = m.firing;
  const flags = row === NO_ROW ? 0 : m.memory.u8[at + row]!;
  return setSmall(m, to, (flags & (EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN)) === EVENT_FLAGS.IF_KNOWN ? 1 : 0);
}

/** `at` is the vector column. */
export function readNmi(m: MachineState, at: number, id: number, to: number): boolean {
  const { row, batch } = m.firing;
  if (row === NO_ROW) return m.noValue(id);
  const delivery = m.memory.u8[batch.at.kind + row]! === EVENT_KINDS.vec;
  const soft = (m.memory.u8[batch.at.flags + row]! & EVENT_FLAGS.SOFT) !== 0;
  const isNmi = delivery && !soft && m.memory.u16[(at >>> 1) + row]! === NMI_VECTOR;
  return setSmall(m, to, isNmi ? 1 : 0);
}

export function readRegister(m: MachineState, register: number, id: number, to: number): boolean {
  const { row, batch } = m.firing;
  return (row !== NO_ROW && batch.registers.read(row, register, m.memory, to * 4)) || m.noValue(id);
}

export function readLowRegister(m: MachineState, register: number, id: number, to: number): boolean {
  if (!readRegister(m, register, id, to)) return false;
  m.memory.i32[to + 1] = 0;
  return true;
}

const R_ERR = 15;
const R_TRAPNO = 25;
const R_CR8 = 36; // no log shows it
const R_CPL = 40;

/** W[to] := uregs[W[index]]. */
export function readUserRegister(m: MachineState, index: number, to: number): boolean {
  const { i32 } = m.memory;
  const { id } = BUILTIN_VARIABLES.uregs;
  const { at } = m.firing.batch;
  const number = i32[index + 1]! === 0 ? i32[index]! : -1;
  const register = userRegister(number);
  if (register !== undefined) return readRegister(m, register, id, to);
  if (number === R_ERR) return readColumn64(m, at.errcode, id, to);
  if (number === R_TRAPNO) return readColumn16(m, at.vector, id, to);
  if (number === R_CPL) return readColumn8(m, at.cpl, id, to);
  if (number === R_CR8) return m.noValue(id);
  return m.fault(FAULTS.ILLOP.code);
}

/** W[to] := args[W[index]]; `args` is the word index of arg0. */
export function readArgument(m: MachineState, args: number, index: number, to: number): boolean {
  const { i32 } = m.memory;
  const number = i32[index]!;
  if (i32[index + 1]! !== 0 || number < 0 || number > 9) {
    return m.faultWith(FAULTS.BADINDEX.code, number, i32[index + 1]!);
  }
  return readSiteArgument(m, args + number * 2, BUILTIN_VARIABLES.arg0.id + number, to);
}

/** W[to] := W[at], the argument that the variable `id` names, unless the event does not carry it. */
export function readSiteArgument(m: MachineState, at: number, id: number, to: number): boolean {
  const { i32 } = m.memory;
  const missing = i32[(m.firing.at + FIRING.missing) >> 2]!;
  if (missing !== 0 && (missing & (1 << (id - BUILTIN_VARIABLES.arg0.id))) !== 0) return m.noValue(id);
  i32[to] = i32[at]!;
  i32[to + 1] = i32[at + 1]!;
  return true;
}

export function setSmall(m: MachineState, to: number, value: number): true {
  m.memory.i32[to] = value;
  m.memory.i32[to + 1] = value >> 31;
  return true;
}
