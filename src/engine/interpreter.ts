/**
 * The DIF interpreter: runs one prepared DIFO, or all of a clause, for one firing and says where its value is.
 *
 * In: a Difo that passed dif/verify.ts, prepared by prepare.ts, and the MachineState of the firing. Out: the index of
 * the 32-bit word where the 64-bit result starts, valid until the next run; or -1 after a fault (m.faultCode).
 * It checks nothing the verifier has proved (V2 opcodes, V3 registers, V6 forward branches, V7 to V10 indices, V13 the
 * tuple stack) and everything it could not (addresses, divisors, array indices, scratch). A fault ends this DIFO; what
 * then happens to the clause is engine.ts's business.
 *
 * Registers are pairs of 32-bit words, low first, and most instructions work on the halves: nothing is then allocated
 * whatever the JavaScript compiler does. The loop has what runs in every firing of a busy clause; all else is
 * perform-instruction.ts's.
 */
import { ENGINE_BASE_HIGH } from '../machine/address.ts';
import { NO_ROW } from './firing.ts';
import type { Instruction } from './instruction.ts';
import { firstOf } from './instructions.ts';
import type { MachineState } from './machine-state.ts';
import { compareText, UNREADABLE } from './memory-access.ts';
import { copyNarrowed } from './narrowing.ts';
import { type Interpreter, performInstruction } from './perform-instruction.ts';
import { DONE, performStep } from './perform-step.ts';
import type { PreparedDifo } from './prepare.ts';
import type { ClauseRun } from './run-clause.ts';
import { multiply, shift } from './wide-arithmetic.ts';

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
 * become a jump table: DIF's own from opcodes.ts, 128 and up from prepared-opcodes.ts. The view is read anew for each
 * instruction, since the one before may have grown the memory.
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
  // Outcome of the last comparison, −1, 0 or 1: as signed and as unsigned numbers.
  let signed = 0;
  let unsigned = 0;
  for (let instruction = first; ; instruction = instruction.next) {
    const { a, b, c } = instruction;
    const { i32 } = memory;
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
      case 35: // ret; the last instruction is one (V11)
        return c;
      case 36: // nop
        break;
      case 51: // flushts
        m.tupleDepth = 0;
        break;
      case 128: // copy
        i32[c + 1] = i32[a + 1]!;
        i32[c] = i32[a]!;
        break;
      case 129: // address
        i32[c] = a;
        i32[c + 1] = ENGINE_BASE_HIGH;
        break;
      case 131: // storeInt
        copyNarrowed(i32, a, c, b);
        break;
      case 135: // column8
        if (row === NO_ROW) return noEvent(m, instruction, b);
        i32[c] = memory.u8[a + row]!;
        i32[c + 1] = 0;
        break;
      case 136: // column16
        if (row === NO_ROW) return noEvent(m, instruction, b);
        i32[c] = memory.u16[(a >>> 1) + row]!;
        i32[c + 1] = 0;
        break;
      case 137: {
        // column64
        if (row === NO_ROW) return noEvent(m, instruction, b);
        const from = (a >>> 2) + row * 2;
        i32[c] = i32[from]!;
        i32[c + 1] = i32[from + 1]!;
        break;
      }
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
      case 155: // branchNoBits
        if ((i32[b]! & i32[c]!) === 0 && (i32[b + 1]! & i32[c + 1]!) === 0) instruction = instruction.target;
        break;
      case 156: // branchUnlessColumn8
        if (row === NO_ROW) return noEvent(m, instruction, instruction.d);
        if (memory.u8[b + row] !== i32[c] || i32[c + 1] !== 0) instruction = instruction.target;
        break;
      case 157: // branchUnlessColumn16
        if (row === NO_ROW) return noEvent(m, instruction, instruction.d);
        if (memory.u16[(b >>> 1) + row] !== i32[c] || i32[c + 1] !== 0) instruction = instruction.target;
        break;
      case 158: {
        // shiftLeftBy
        const low = i32[a]!;
        i32[c + 1] = (i32[a + 1]! << b) | (low >>> (32 - b));
        i32[c] = low << b;
        break;
      }
      case 159: {
        // shiftRightBy
        const high = i32[a + 1]!;
        i32[c] = (i32[a]! >>> b) | (high << (32 - b));
        i32[c + 1] = high >>> b;
        break;
      }
      case 160: {
        // shiftSignedBy
        const high = i32[a + 1]!;
        i32[c] = (i32[a]! >>> b) | (high << (32 - b));
        i32[c + 1] = high >> b;
        break;
      }
      case 161: // maskBy
        i32[c] = i32[a]! & b;
        i32[c + 1] = 0;
        break;
      case 162: // loadScalar
        interpreter.dynamic.loadScalar(m, interpreter.tables.slots[a]!, c);
        break;
      case 163: // storeScalar
        interpreter.dynamic.storeScalar(m, interpreter.tables.slots[a]!, c);
        break;
      case 164: // startKey
        run!.key.start();
        break;
      case 165: // keyInt
        if (!run!.key.appendInteger(c, b)) return fail(m, instruction);
        break;
      case 166: {
        // aggregate
        const { key } = run!;
        if (!instruction.step!.table!.add(key.at, key.bytes, c, b)) run!.dropAggregation();
        break;
      }
      case 167: // aggregateAt
        if (!instruction.step!.table!.add(a, instruction.d, c, b)) run!.dropAggregation();
        break;
      case 168: {
        // step
        const outcome = performStep(run!, instruction.step!, c, payload);
        if (outcome !== DONE) return outcome;
        break;
      }
      default:
        if (!performInstruction(m, interpreter, instruction)) return fail(m, instruction);
    }
  }
}

/** The outcome of an instruction that has faulted. */
function fail(m: MachineState, { offset, outcome }: Instruction): number {
  m.faultOffset = offset;
  return outcome;
}

/** The firing has no event whose column could be read. */
function noEvent(m: MachineState, instruction: Instruction, variable: number): number {
  m.noValue(variable);
  return fail(m, instruction);
}
