/**
 * The DIF interpreter: runs one prepared DIFO for one firing and says where its value is.
 *
 * In: a Difo that passed dif/verify.ts, prepared by prepare.ts, and the MachineState of the firing. Out: the index of
 * the 32-bit word where the 64-bit result starts, valid until the next run; or -1 after a fault (m.faultCode).
 * It checks nothing the verifier has proved (V2 opcodes, V3 registers, V6 forward branches, V7 to V10 indices, V13 the
 * tuple stack) and everything it could not (addresses, divisors, array indices, scratch). A fault ends this DIFO; what
 * then happens to the clause is engine.ts's business.
 *
 * Registers are pairs of 32-bit words, low first, and most instructions work on the halves: nothing is then allocated
 * whatever the JavaScript compiler does.
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
import { NO_ROW } from './firing.ts';
import { firstOf, type Instruction } from './instructions.ts';
import { type MachineState, TUPLE_ENTRY_BYTES, TUPLE_KINDS } from './machine-state.ts';
import { compareText, copyMemory, load, store, UNREADABLE } from './memory-access.ts';
import { copyNarrowed } from './narrowing.ts';
import { DONE, performStep } from './perform-step.ts';
import { HANDLERS, type PreparedDifo, type PreparedTables } from './prepare.ts';
import type { ClauseRun } from './run-clause.ts';
import { NO_ADDRESS, type SubroutineContext } from './subroutines.ts';
import { type DynamicVariables, storeFixedReference } from './variables.ts';
import {
  divideSigned,
  divideUnsigned,
  multiply,
  remainderSigned,
  remainderUnsigned,
  shift,
} from './wide-arithmetic.ts';

/** What a run needs besides the machine; one object per session. */
export interface Interpreter {
  readonly tables: PreparedTables;
  readonly dynamic: DynamicVariables;
  readonly subroutines: SubroutineContext;
}

/** Where the value of `difo` is, running it if it must be; -1 after a fault. */
export function evaluate(m: MachineState, interpreter: Interpreter, difo: PreparedDifo): number {
  if (difo.direct !== 0) return difo.direct;
  m.tupleDepth = 0; // a DIFO may end with arguments of its last call on the stack
  return interpret(m, interpreter, difo);
}

/** The same for a DIFO that must be run, with the tuple stack as it is. */
export function interpret(m: MachineState, interpreter: Interpreter, difo: PreparedDifo): number {
  const first = difo.first ?? firstOf(m, interpreter.tables, difo);
  return execute(m, interpreter, first, undefined, 0);
}

/**
 * The loop: runs a DIFO, or the steps of a clause (`run` and `payload` are theirs), and gives what the `ret` names that
 * it comes to, or the outcome of the instruction that faults. Cases are plain numbers, since only then does the switch
 * become a jump table: DIF's own from opcodes.ts, 128 and up from prepared-opcodes.ts.
 */
export function execute(
  m: MachineState,
  interpreter: Interpreter,
  first: Instruction,
  run: ClauseRun | undefined,
  payload: number,
): number {
  const { memory } = m;
  const { row } = m.firing;
  let i32 = memory.i32;
  // Outcome of the last comparison, −1, 0 or 1: as signed and as unsigned numbers.
  let signed = 0;
  let unsigned = 0;
  for (let instruction = first; ; instruction = instruction.next) {
    const { a, b, c } = instruction;
    switch (instruction.op) {
      case 1: // or
        i32[c] = i32[a]! | i32[b]!;
        i32[c + 1] = i32[a + 1]! | i32[b + 1]!;
        break;
      case 2: // xor
        i32[c] = i32[a]! ^ i32[b]!;
        i32[c + 1] = i32[a + 1]! ^ i32[b + 1]!;
        break;
      case 3: // and
        i32[c] = i32[a]! & i32[b]!;
        i32[c + 1] = i32[a + 1]! & i32[b + 1]!;
        break;
      case 4: // sll
        shift(i32, a, b, c, -1);
        break;
      case 5: // srl
        shift(i32, a, b, c, 0);
        break;
      case 46: // sra
        shift(i32, a, b, c, 1);
        break;
      case 6: {
        // sub
        const x = i32[a]!;
        const y = i32[b]!;
        i32[c + 1] = i32[a + 1]! - i32[b + 1]! - (x >>> 0 < y >>> 0 ? 1 : 0);
        i32[c] = x - y;
        break;
      }
      case 7: {
        // add
        const x = i32[a]!;
        const low = (x + i32[b]!) | 0;
        i32[c + 1] = i32[a + 1]! + i32[b + 1]! + (low >>> 0 < x >>> 0 ? 1 : 0);
        i32[c] = low;
        break;
      }
      case 8: // mul
        multiply(memory, a, b, c);
        break;
      case 9: // sdiv
        if (m.isZero(b)) return divideByZero(m, instruction);
        divideSigned(memory, a, b, c);
        break;
      case 10: // udiv
        if (m.isZero(b)) return divideByZero(m, instruction);
        divideUnsigned(memory, a, b, c);
        break;
      case 11: // srem
        if (m.isZero(b)) return divideByZero(m, instruction);
        remainderSigned(memory, a, b, c);
        break;
      case 12: // urem
        if (m.isZero(b)) return divideByZero(m, instruction);
        remainderUnsigned(memory, a, b, c);
        break;
      case 13: // not
        i32[c] = ~i32[a]!;
        i32[c + 1] = ~i32[a + 1]!;
        break;
      case 15: {
        // cmp
        const high = i32[a + 1]!;
        const otherHigh = i32[b + 1]!;
        const low = i32[a]! >>> 0;
        const otherLow = i32[b]! >>> 0;
        if (high !== otherHigh) {
          signed = high < otherHigh ? -1 : 1;
          unsigned = high >>> 0 < otherHigh >>> 0 ? -1 : 1;
        } else {
          signed = low === otherLow ? 0 : low < otherLow ? -1 : 1;
          unsigned = signed;
        }
        break;
      }
      case 16: {
        // tst
        const high = i32[a + 1]!;
        unsigned = high === 0 && i32[a]! === 0 ? 0 : 1;
        signed = high < 0 ? -1 : unsigned;
        break;
      }
      case 39: // scmp
        signed = compareText(m, a, b);
        unsigned = signed;
        if (signed === UNREADABLE) return fail(m, instruction);
        i32 = memory.i32;
        break;
      case 17: // ba; branches go forward (V6), so the loop ends
        instruction = instruction.target;
        break;
      case 18: // be
        if (signed === 0) instruction = instruction.target;
        break;
      case 19: // bne
        if (signed !== 0) instruction = instruction.target;
        break;
      case 20: // bg
        if (signed > 0) instruction = instruction.target;
        break;
      case 21: // bgu
        if (unsigned > 0) instruction = instruction.target;
        break;
      case 22: // bge
        if (signed >= 0) instruction = instruction.target;
        break;
      case 23: // bgeu
        if (unsigned >= 0) instruction = instruction.target;
        break;
      case 24: // bl
        if (signed < 0) instruction = instruction.target;
        break;
      case 25: // blu
        if (unsigned < 0) instruction = instruction.target;
        break;
      case 26: // ble
        if (signed <= 0) instruction = instruction.target;
        break;
      case 27: // bleu
        if (unsigned <= 0) instruction = instruction.target;
        break;
      case 28: // ldsb
        if (!load(m, a, 1, true, c)) return fail(m, instruction);
        break;
      case 29: // ldsh
        if (!load(m, a, 2, true, c)) return fail(m, instruction);
        break;
      case 30: // ldsw
        if (!load(m, a, 4, true, c)) return fail(m, instruction);
        break;
      case 31: // ldub
        if (!load(m, a, 1, false, c)) return fail(m, instruction);
        break;
      case 32: // lduh
        if (!load(m, a, 2, false, c)) return fail(m, instruction);
        break;
      case 33: // lduw
        if (!load(m, a, 4, false, c)) return fail(m, instruction);
        break;
      case 34: // ldx
        if (!load(m, a, 8, false, c)) return fail(m, instruction);
        break;
      case 35: // ret; the last instruction is one (V11)
        return c;
      case 36: // nop
        break;
      case 47: {
        // call
        const context = interpreter.subroutines;
        context.result = c;
        HANDLERS[a]!(context);
        if (m.faultCode >= 0) return fail(m, instruction);
        i32 = memory.i32;
        break;
      }
      case 48: {
        // pushtr
        const entry = (m.tupleAt + m.tupleDepth++ * TUPLE_ENTRY_BYTES) >>> 2;
        copyNarrowed(i32, entry, c, 0);
        i32[entry + 2] = i32[b]!;
        i32[entry + 3] = a === 1 ? TUPLE_KINDS.string : TUPLE_KINDS.bytes;
        break;
      }
      case 49: {
        // pushtv
        const entry = (m.tupleAt + m.tupleDepth++ * TUPLE_ENTRY_BYTES) >>> 2;
        copyNarrowed(i32, entry, c, 0);
        i32[entry + 3] = TUPLE_KINDS.value;
        break;
      }
      case 50: // popts
        m.tupleDepth--;
        break;
      case 51: // flushts
        m.tupleDepth = 0;
        break;
      case 58: {
        // allocs
        const start = i32[a + 1]! === 0 ? m.allocate(i32[a]! >>> 0) : NO_ADDRESS;
        if (start === NO_ADDRESS) {
          m.fault(FAULTS.NOSCRATCH.code);
          return fail(m, instruction);
        }
        i32[c] = start;
        i32[c + 1] = ENGINE_BASE_HIGH;
        break;
      }
      case 59: // copys
        if (!copyMemory(m, a, b, c)) return fail(m, instruction);
        break;
      case 60: // stb
        if (!store(m, a, 1, c)) return fail(m, instruction);
        break;
      case 61: // sth
        if (!store(m, a, 2, c)) return fail(m, instruction);
        break;
      case 62: // stw
        if (!store(m, a, 4, c)) return fail(m, instruction);
        break;
      case 63: // stx
        if (!store(m, a, 8, c)) return fail(m, instruction);
        break;
      case 80: // bound
        if (!isBelow(i32, a, b)) {
          m.faultWith(FAULTS.BADINDEX.code, i32[a]!, i32[a + 1]!);
          return fail(m, instruction);
        }
        break;
      case 128: // copy
        i32[c + 1] = i32[a + 1]!;
        i32[c] = i32[a]!;
        break;
      case 129: // address
        i32[c] = a;
        i32[c + 1] = ENGINE_BASE_HIGH;
        break;
      case 130: {
        // loadRef
        const { at } = interpreter.tables.slots[a]!;
        const isNull = i32[(at - 8) >>> 2]! !== 0;
        i32[c] = isNull ? 0 : at;
        i32[c + 1] = isNull ? 0 : ENGINE_BASE_HIGH;
        break;
      }
      case 131: // storeInt
        copyNarrowed(i32, a, c, b);
        break;
      case 132: // storeRef
        if (!storeFixedReference(m, interpreter.tables.slots[a]!, c)) return fail(m, instruction);
        break;
      case 133: // loadDynamic
        if (!interpreter.dynamic.load(m, interpreter.tables.slots[a]!, b !== 0, c))
          return fail(m, instruction);
        i32 = memory.i32;
        break;
      case 134: // storeDynamic
        if (!interpreter.dynamic.store(m, interpreter.tables.slots[a]!, b !== 0, c))
          return fail(m, instruction);
        i32 = memory.i32;
        break;
      case 135: // column8
        if (row === NO_ROW) return noEvent(m, instruction);
        i32[c] = memory.u8[a + row]!;
        i32[c + 1] = 0;
        break;
      case 136: // column16
        if (row === NO_ROW) return noEvent(m, instruction);
        i32[c] = memory.u16[(a >>> 1) + row]!;
        i32[c + 1] = 0;
        break;
      case 137: {
        // column64
        if (row === NO_ROW) return noEvent(m, instruction);
        const from = (a >>> 2) + row * 2;
        i32[c] = i32[from]!;
        i32[c + 1] = i32[from + 1]!;
        break;
      }
      case 138: // columnF64
        if (!readColumnF64(m, a, b, c)) return fail(m, instruction);
        break;
      case 139: // iflag
        if (!readIflag(m, a, b, c)) return fail(m, instruction);
        break;
      case 140: // nmi
        if (!readNmi(m, a, b, c)) return fail(m, instruction);
        break;
      case 141: // ipl
        if (!readIpl(m, a, c)) return fail(m, instruction);
        break;
      case 142: // register
        if (!readRegister(m, a, b, c)) return fail(m, instruction);
        i32 = memory.i32;
        break;
      case 143: // lowRegister
        if (!readLowRegister(m, a, b, c)) return fail(m, instruction);
        i32 = memory.i32;
        break;
      case 144: // argument
        if (!readArgument(m, a, b, c)) return fail(m, instruction);
        break;
      case 149: // siteArgument
        if (!readSiteArgument(m, a, b, c)) return fail(m, instruction);
        break;
      case 145: // uregs
        if (!readUserRegister(m, b, c)) return fail(m, instruction);
        i32 = memory.i32;
        break;
      case 146: // noValue
        if (!m.noValue(b)) return fail(m, instruction);
        break;
      case 148: // guest
        if (!m.guestProcess.read(a, b, c)) return fail(m, instruction);
        i32 = memory.i32;
        break;
      case 147: // stackDepth
        if (!setSmall(m, c, m.guestStack.find(b === 0 ? 'kernel' : 'user'))) return fail(m, instruction);
        i32 = memory.i32;
        break;
      case 150: // caller
        if (!m.guestStack.readCaller(b === 0 ? 'kernel' : 'user', c)) return fail(m, instruction);
        i32 = memory.i32;
        break;
      case 151: // branchZero
        if (i32[c] === 0 && i32[c + 1] === 0) instruction = instruction.target;
        break;
      case 152: // branchNonzero
        if (i32[c] !== 0 || i32[c + 1] !== 0) instruction = instruction.target;
        break;
      case 153: // branchEqual
        if (i32[b] === i32[c] && i32[b + 1] === i32[c + 1]) instruction = instruction.target;
        break;
      case 154: // branchNotEqual
        if (i32[b] !== i32[c] || i32[b + 1] !== i32[c + 1]) instruction = instruction.target;
        break;
      case 155: {
        // shiftLeftBy
        const low = i32[a]!;
        i32[c + 1] = (i32[a + 1]! << b) | (low >>> (32 - b));
        i32[c] = low << b;
        break;
      }
      case 156: {
        // shiftRightBy
        const high = i32[a + 1]!;
        i32[c] = (i32[a]! >>> b) | (high << (32 - b));
        i32[c + 1] = high >>> b;
        break;
      }
      case 157: {
        // shiftSignedBy
        const high = i32[a + 1]!;
        i32[c] = (i32[a]! >>> b) | (high << (32 - b));
        i32[c + 1] = high >> b;
        break;
      }
      case 158: // startKey
        run!.key.start();
        break;
      case 159: // keyInt
        if (!run!.key.appendInteger(c, b)) return fail(m, instruction);
        i32 = memory.i32;
        break;
      case 160: {
        // aggregate
        const { key } = run!;
        if (!instruction.step!.table!.add(key.at, key.bytes, c, b)) run!.dropAggregation();
        i32 = memory.i32;
        break;
      }
      case 161: {
        // step
        const outcome = performStep(run!, instruction.step!, c, payload);
        if (outcome !== DONE) return outcome;
        i32 = memory.i32;
        break;
      }
      default:
        m.fault(FAULTS.ILLOP.code); // reserved opcodes; refused by the verifier (V2)
        return fail(m, instruction);
    }
  }
}

/** The outcome of an instruction that has faulted. */
function fail(m: MachineState, { offset, outcome }: Instruction): number {
  m.faultOffset = offset;
  return outcome;
}

function divideByZero(m: MachineState, instruction: Instruction): number {
  m.fault(FAULTS.DIVZERO.code);
  return fail(m, instruction);
}

/** The firing has no event whose column could be read. */
function noEvent(m: MachineState, instruction: Instruction): number {
  m.noValue(instruction.b);
  return fail(m, instruction);
}

/** W[a] < W[b], unsigned. */
function isBelow(i32: Int32Array, a: number, b: number): boolean {
  const high = i32[a + 1]! >>> 0;
  const limitHigh = i32[b + 1]! >>> 0;
  return high === limitHigh ? i32[a]! >>> 0 < i32[b]! >>> 0 : high < limitHigh;
}
