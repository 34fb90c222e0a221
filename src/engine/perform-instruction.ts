/**
 * The instructions that have work done elsewhere: memory by address, subroutines, what a program keeps, built-ins.
 *
 * In: an instruction and the machine. Out: false after a fault (m.faultCode), which the interpreter then ends with. They are
 * a function of their own so that the interpreter's loop stays small enough to be compiled well; a call is little beside
 * what each of them does. Any of them may grow the memory.
 */
import { FAULTS } from '../dif/faults.ts';
import { ENGINE_BASE_HIGH } from '../machine/address.ts';
import {
  readArgument,
  readColumnF64,
  readIflag,
  readIpl,
  readLowRegister,
  readNmi,
  readRegister,
  readSiteArgument,
  readUserRegister,
  setSmall,
} from './event-values.ts';
import type { Instruction } from './instruction.ts';
import { type MachineState, TUPLE_ENTRY_BYTES, TUPLE_KINDS } from './machine-state.ts';
import { copyMemory, load, store } from './memory-access.ts';
import { HANDLERS, type PreparedTables } from './prepare.ts';
import { NO_ADDRESS, type SubroutineContext } from './subroutines.ts';
import { type DynamicVariables, storeFixedReference, type VariableSlot } from './variables.ts';
import { divideSigned, divideUnsigned, remainderSigned, remainderUnsigned } from './wide-arithmetic.ts';

/** What a run needs besides the machine; one object per session. */
export interface Interpreter {
  readonly tables: PreparedTables;
  readonly dynamic: DynamicVariables;
  readonly subroutines: SubroutineContext;
}

/** Cases are plain numbers for a jump table: DIF's own from opcodes.ts, 128 and up from prepared-opcodes.ts. */
export function performInstruction(
  m: MachineState,
  interpreter: Interpreter,
  { op, a, b, c }: Instruction,
): boolean {
  switch (op) {
    case 9: // sdiv
      return divide(divideSigned, m, a, b, c);
    case 10: // udiv
      return divide(divideUnsigned, m, a, b, c);
    case 11: // srem
      return divide(remainderSigned, m, a, b, c);
    case 12: // urem
      return divide(remainderUnsigned, m, a, b, c);
    case 28: // ldsb
      return load(m, a, 1, true, c);
    case 29: // ldsh
      return load(m, a, 2, true, c);
    case 30: // ldsw
      return load(m, a, 4, true, c);
    case 31: // ldub
      return load(m, a, 1, false, c);
    case 32: // lduh
      return load(m, a, 2, false, c);
    case 33: // lduw
      return load(m, a, 4, false, c);
    case 34: // ldx
      return load(m, a, 8, false, c);
    case 47: // call
      return callSubroutine(m, interpreter.subroutines, a, c);
    case 48: // pushtr
      return push(m, c, m.memory.i32[b]!, a === 1 ? TUPLE_KINDS.string : TUPLE_KINDS.bytes);
    case 49: // pushtv
      return push(m, c, 0, TUPLE_KINDS.value);
    case 50: // popts
      m.tupleDepth--;
      return true;
    case 58: // allocs
      return allocate(m, a, c);
    case 59: // copys
      return copyMemory(m, a, b, c);
    case 60: // stb
      return store(m, a, 1, c);
    case 61: // sth
      return store(m, a, 2, c);
    case 62: // stw
      return store(m, a, 4, c);
    case 63: // stx
      return store(m, a, 8, c);
    case 80: // bound
      return isBelow(m, a, b) || m.faultWith(FAULTS.BADINDEX.code, m.memory.i32[a]!, m.memory.i32[a + 1]!);
    case 130: // loadRef
      return loadReference(m, interpreter.tables.slots[a]!, c);
    case 132: // storeRef
      return storeFixedReference(m, interpreter.tables.slots[a]!, c);
    case 133: // loadDynamic
      return interpreter.dynamic.load(m, interpreter.tables.slots[a]!, b !== 0, c);
    case 134: // storeDynamic
      return interpreter.dynamic.store(m, interpreter.tables.slots[a]!, b !== 0, c);
    case 138: // columnF64
      return readColumnF64(m, a, b, c);
    case 139: // iflag
      return readIflag(m, a, b, c);
    case 140: // nmi
      return readNmi(m, a, b, c);
    case 141: // ipl
      return readIpl(m, a, c);
    case 142: // register
      return readRegister(m, a, b, c);
    case 143: // lowRegister
      return readLowRegister(m, a, b, c);
    case 144: // argument
      return readArgument(m, a, b, c);
    case 145: // uregs
      return readUserRegister(m, b, c);
    case 146: // noValue
      return m.noValue(b);
    case 147: // stackDepth
      return setSmall(m, c, m.guestStack.find(b === 0 ? 'kernel' : 'user'));
    case 148: // guest
      return m.guestProcess.read(a, b, c);
    case 149: // siteArgument
      return readSiteArgument(m, a, b, c);
    case 150: // caller
      return m.guestStack.readCaller(b === 0 ? 'kernel' : 'user', c);
    default:
      return m.fault(FAULTS.ILLOP.code); // reserved opcodes; refused by the verifier (V2)
  }
}

function divide(operation: typeof divideSigned, m: MachineState, a: number, b: number, c: number): boolean {
  if (m.isZero(b)) return m.fault(FAULTS.DIVZERO.code);
  operation(m.memory, a, b, c);
  return true;
}

function callSubroutine(
  m: MachineState,
  context: SubroutineContext,
  number: number,
  result: number,
): boolean {
  context.result = result;
  HANDLERS[number]!(context);
  return m.faultCode < 0;
}

function push(m: MachineState, from: number, sizeBytes: number, kind: number): true {
  const { i32 } = m.memory;
  const entry = (m.tupleAt + m.tupleDepth++ * TUPLE_ENTRY_BYTES) >>> 2;
  i32[entry] = i32[from]!;
  i32[entry + 1] = i32[from + 1]!;
  i32[entry + 2] = sizeBytes;
  i32[entry + 3] = kind;
  return true;
}

function allocate(m: MachineState, size: number, to: number): boolean {
  const { i32 } = m.memory;
  const start = i32[size + 1]! === 0 ? m.allocate(i32[size]! >>> 0) : NO_ADDRESS;
  return start === NO_ADDRESS ? m.fault(FAULTS.NOSCRATCH.code) : setAddress(m, start, to);
}

function loadReference(m: MachineState, { at }: VariableSlot, to: number): true {
  const isNull = m.memory.i32[(at - 8) >>> 2]! !== 0;
  return isNull ? setSmall(m, to, 0) : setAddress(m, at, to);
}

function setAddress(m: MachineState, offset: number, to: number): true {
  const { i32 } = m.memory;
  i32[to] = offset;
  i32[to + 1] = ENGINE_BASE_HIGH;
  return true;
}

/** W[a] < W[b], unsigned. */
function isBelow({ memory: { i32 } }: MachineState, a: number, b: number): boolean {
  const high = i32[a + 1]! >>> 0;
  const limitHigh = i32[b + 1]! >>> 0;
  return high === limitHigh ? i32[a]! >>> 0 < i32[b]! >>> 0 : high < limitHigh;
}
