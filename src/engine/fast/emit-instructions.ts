/**
 * The instructions of DIF that are made native, as a table: what each leaves in its register, and where it faults.
 */
import type { WasmOp } from '../../base/wasm-encode.ts';
import { FAULTS } from '../../dif/faults.ts';
import { OPCODES } from '../../dif/opcodes.ts';
import { BUILTIN_VARIABLES } from '../../dif/variables.ts';
import { ENGINE_BASE, ENGINE_BASE_HIGH } from '../../machine/address.ts';
import { EVENT_FLAGS } from '../../machine/event-batch.ts';
import { userRegister } from '../../machine/user-registers.ts';
import { NO_ROW } from '../firing.ts';
import { UNREADABLE } from '../memory-access.ts';
import { NARROW } from '../narrowing.ts';
import { PREPARED } from '../prepared-opcodes.ts';
import { type EmitInstruction, isText } from './difo-state.ts';
import { loadDynamic, storeDynamic } from './emit-dynamic.ts';
import { type Emitter, SCRATCH } from './emitter.ts';

function binary(op: WasmOp): EmitInstruction {
  return ({ e }, { a, b, c }) => {
    e.push(a);
    e.push(b);
    e.code.op(op);
    e.pop(c);
  };
}

/** A count outside 0..63 gives 0, where WebAssembly would take it modulo 64. */
function shift(op: WasmOp): EmitInstruction {
  return ({ e }, { a, b, c }) => {
    const count = e.constantAt(b);
    if (count !== undefined && (count < 0n || count > 63n)) e.code.i64(0n);
    else {
      e.push(a);
      e.push(b);
      e.code.op(op);
      if (count === undefined) {
        e.code.i64(0n);
        e.push(b);
        e.code.i64(64n).op('i64.lt_u', 'select');
      }
    }
    e.pop(c);
  };
}

/** `sdiv` by −1 is a negation: WebAssembly's division traps where the quotient has no 64 bits. */
function divide(op: WasmOp): EmitInstruction {
  return ({ e }, { a, b, c, difOffset }) => {
    const divisor = e.constantAt(b);
    if (divisor === undefined || divisor === 0n) {
      e.push(b);
      e.code.op('i64.eqz');
      e.faultIf(FAULTS.DIVZERO.code, difOffset, () => e.code.i32(0).i32(0));
    }
    const mayOverflow = op === 'i64.div_s' && (divisor === undefined || divisor === -1n);
    if (!mayOverflow) {
      e.push(a);
      e.push(b);
      e.code.op(op);
      e.pop(c);
      return;
    }
    e.push(b);
    e.code.i64(-1n).op('i64.eq').if();
    e.code.i64(0n);
    e.push(a);
    e.code.op('i64.sub').set(e.value).op('else');
    e.push(a);
    e.push(b);
    e.code.op(op).set(e.value).end().get(e.value);
    e.pop(c);
  };
}

/** Fault NOVALUE for a variable when the i32 on the stack is not 0. */
function noValueIf(e: Emitter, variable: number, difOffset: number): void {
  e.faultIf(FAULTS.NOVALUE.code, difOffset, () => e.code.i32(variable).i32(0));
}

function needRow(e: Emitter, variable: number, difOffset: number): void {
  if (e.hasRow) return;
  e.code.get(e.frame.row).i32(NO_ROW).op('i32.eq');
  noValueIf(e, variable, difOffset);
}

function column(access: 'i64.load8_u' | 'i64.load16_u' | 'i64.load', shiftBy: number): EmitInstruction {
  return ({ e }, { a, b, c, difOffset }) => {
    needRow(e, b, difOffset);
    e.column(access, a, shiftBy);
    e.pop(c);
  };
}

/** From the register's column where the row has its own filled; else whoever made the event is asked. */
function register(lowHalf: boolean): EmitInstruction {
  return ({ e }, { a, b, c, difOffset }) => {
    const { code } = e;
    const load = lowHalf ? 'i64.load32_u' : 'i64.load';
    const { registerColumns, at } = e.context.m.firing.batch;
    const column = registerColumns.get(a);
    if (column !== undefined && e.frame.guesses) {
      e.column(load, column, 3);
      e.pop(c);
      return;
    }
    if (column !== undefined) {
      if (!e.hasRow) code.i64(0n).set(e.value);
      if (!e.hasRow) code.get(e.frame.row).i32(NO_ROW).op('i32.ne').if();
      e.column('i64.load8_u', at.flags, 0);
      code.i64(BigInt(EVENT_FLAGS.COLUMNS)).op('i64.and').set(e.value);
      if (!e.hasRow) code.end();
      code.get(e.value).op('i64.eqz').if();
    }
    code.i32(a).i32(b).i32(difOffset).get(e.frame.row);
    e.callOut('register');
    e.leaveIfZero();
    code
      .i32(0)
      .access(load, e.context.scratchAt + SCRATCH.value)
      .set(e.value);
    if (column !== undefined) {
      code.op('else');
      e.column(load, column, 3);
      code.set(e.value).end();
    }
    code.get(e.value);
    e.pop(c);
  };
}

/** The register that a constant subscript of uregs[] names. */
export function registerOf(e: Emitter, place: number): number | undefined {
  const index = e.constantAt(place);
  return index === undefined || index < 0n || index > 255n ? undefined : userRegister(Number(index));
}

/** A constant subscript of args[]. */
export function argumentOf(e: Emitter, place: number): number | undefined {
  const index = e.constantAt(place);
  return index === undefined || index < 0n || index > 9n ? undefined : Number(index);
}

/** An argument that the event may not carry. */
const siteArgument: EmitInstruction = ({ e }, { a, b, c, difOffset }) => {
  const bit = 1 << (b - BUILTIN_VARIABLES.arg0.id);
  e.code.i32(0).access('i32.load', e.missingAt).i32(bit).op('i32.and');
  noValueIf(e, b, difOffset);
  e.push(a);
  e.pop(c);
};

export const EMITTERS: ReadonlyMap<number, EmitInstruction> = new Map<number, EmitInstruction>([
  [OPCODES.or.op, binary('i64.or')],
  [OPCODES.xor.op, binary('i64.xor')],
  [OPCODES.and.op, binary('i64.and')],
  [OPCODES.sub.op, binary('i64.sub')],
  [OPCODES.add.op, binary('i64.add')],
  [OPCODES.mul.op, binary('i64.mul')],
  [OPCODES.sll.op, shift('i64.shl')],
  [OPCODES.srl.op, shift('i64.shr_u')],
  [OPCODES.sra.op, shift('i64.shr_s')],
  [OPCODES.sdiv.op, divide('i64.div_s')],
  [OPCODES.udiv.op, divide('i64.div_u')],
  [OPCODES.srem.op, divide('i64.rem_s')],
  [OPCODES.urem.op, divide('i64.rem_u')],
  [
    OPCODES.not.op,
    ({ e }, { a, c }) => {
      e.push(a);
      e.code.i64(-1n).op('i64.xor');
      e.pop(c);
    },
  ],
  [
    OPCODES.cmp.op,
    ({ e }, { a, b }) => {
      e.push(a);
      e.code.set(e.left);
      e.push(b);
      e.code.set(e.right);
    },
  ],
  [
    OPCODES.tst.op,
    ({ e }, { a }) => {
      e.push(a);
      e.code.set(e.left).i64(0n).set(e.right);
    },
  ],
  [
    // The outcome is compared as 0, 1 or 2 with 1, so that branches for signed and unsigned numbers agree.
    OPCODES.scmp.op,
    (state, { a, b, difOffset }) => {
      const { e } = state;
      if (isText(state, a) && isText(state, b)) {
        for (const place of [a, b]) {
          e.push(place);
          e.code.op('i32.wrap_i64');
        }
        e.code.i32(e.context.m.strsize).call(e.lookUps.compareText).op('i64.extend_i32_s').set(e.left);
        e.code.i64(1n).get(e.left).op('i64.add').set(e.left).i64(1n).set(e.right);
        return;
      }
      for (const place of new Set([a, b])) if (e.registerAt(place) >= 0) e.spill(e.registerAt(place));
      e.code.i32(a).i32(b).i32(difOffset);
      e.callOut('compare');
      e.code.tee(e.entry).i32(UNREADABLE).op('i32.ne');
      e.leaveIfZero();
      e.code.get(e.entry).i32(1).op('i32.add', 'i64.extend_i32_s').set(e.left).i64(1n).set(e.right);
    },
  ],
  [OPCODES.nop.op, () => {}],
  [
    OPCODES.bound.op,
    ({ e }, { a, b, difOffset }) => {
      const half = (shiftBy: bigint) => {
        e.push(a);
        e.code.i64(shiftBy).op('i64.shr_u', 'i32.wrap_i64');
      };
      e.push(a);
      e.push(b);
      e.code.op('i64.ge_u');
      e.faultIf(FAULTS.BADINDEX.code, difOffset, () => {
        half(0n);
        half(32n);
      });
    },
  ],
  [
    OPCODES.pushtv.op,
    ({ e, depth }, { c }) => {
      e.push(c);
      e.code.set(e.tupleEntry(depth));
    },
  ],
  [OPCODES.popts.op, () => {}],
  [OPCODES.flushts.op, () => {}],
  [
    PREPARED.copy,
    ({ e }, { a, c }) => {
      e.push(a);
      e.pop(c);
    },
  ],
  [
    PREPARED.address,
    ({ e }, { a, c }) => {
      e.code.i64(ENGINE_BASE + BigInt(a));
      e.pop(c);
    },
  ],
  [
    PREPARED.loadRef,
    ({ e }, { a, c }) => {
      const { at } = e.context.tables.slots[a]!;
      e.code.i64(0n).i64((BigInt(ENGINE_BASE_HIGH) << 32n) + BigInt(at));
      e.code
        .i32(0)
        .access('i32.load', at - 8)
        .op('select');
      e.pop(c);
    },
  ],
  [
    PREPARED.storeInt,
    ({ e }, { a, b, c }) => {
      e.push(c);
      if (b !== NARROW.none) e.narrow(b);
      e.storeInt(a);
    },
  ],
  [PREPARED.loadDynamic, loadDynamic],
  [PREPARED.storeDynamic, storeDynamic],
  [PREPARED.column8, column('i64.load8_u', 0)],
  [PREPARED.column16, column('i64.load16_u', 1)],
  [PREPARED.column64, column('i64.load', 3)],
  [
    PREPARED.iflag,
    ({ e }, { a, b, c, difOffset }) => {
      needRow(e, b, difOffset);
      e.column('i64.load8_u', a, 0);
      e.code.tee(e.value).i64(BigInt(EVENT_FLAGS.IF_KNOWN)).op('i64.and', 'i64.eqz');
      noValueIf(e, b, difOffset);
      e.code.i64(0n).i64(1n).get(e.value).i64(BigInt(EVENT_FLAGS.IF)).op('i64.and', 'i64.eqz', 'select');
      e.pop(c);
    },
  ],
  [PREPARED.register, register(false)],
  [PREPARED.lowRegister, register(true)],
  [PREPARED.siteArgument, siteArgument],
  [
    PREPARED.argument,
    (state, instruction) => {
      const number = argumentOf(state.e, instruction.b)!;
      const b = BUILTIN_VARIABLES.arg0.id + number;
      siteArgument(state, { ...instruction, a: instruction.a + number * 2, b });
    },
  ],
  [
    PREPARED.uregs,
    (state, instruction) => {
      const a = registerOf(state.e, instruction.b)!;
      register(false)(state, { ...instruction, a, b: BUILTIN_VARIABLES.uregs.id });
    },
  ],
  [
    PREPARED.columnF64,
    ({ e }, { a, b, c, difOffset }) => {
      needRow(e, b, difOffset);
      const load = () => e.column('f64.load', a, 3);
      load();
      load();
      e.code.op('f64.ne'); // not a number
      noValueIf(e, b, difOffset);
      load();
      e.code.truncate();
      e.pop(c);
    },
  ],
  [
    PREPARED.ipl,
    ({ e }, { a, c }) => {
      const { IF, IF_KNOWN } = EVENT_FLAGS;
      e.code.i64(0n).set(e.value);
      if (!e.hasRow) e.code.get(e.frame.row).i32(NO_ROW).op('i32.ne').if();
      e.column('i64.load8_u', a, 0);
      e.code
        .i64(BigInt(IF | IF_KNOWN))
        .op('i64.and')
        .i64(BigInt(IF_KNOWN))
        .op('i64.eq', 'i64.extend_i32_u');
      e.code.set(e.value);
      if (!e.hasRow) e.code.end();
      e.code.get(e.value);
      e.pop(c);
    },
  ],
]);
