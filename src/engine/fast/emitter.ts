/**
 * What every part of the fast tier's code generator needs: the function being written, the places it works on, and how it
 * calls back.
 *
 * A generated function is called with {payload, row, cpu}: where the record's payload is (0 when there is none), the
 * firing's row of the batch or NO_ROW, and its CPU. It gives an outcome as runSteps does (run-clause.ts), or UNMATCHED
 * when its predicate is false. Places are word indices into linear memory, as in prepared code; registers of DIF, which
 * prepared code has there too, are local variables here and only written back where a call-out reads them.
 */
import { type WasmAccess, WasmCode, type WasmSignature } from '../../base/wasm-encode.ts';
import { REGISTER_FILE_SIZE, TUPLE_STACK_SIZE } from '../../dif/opcodes.ts';
import { ENGINE_BASE } from '../../machine/address.ts';
import type { AggregationTable } from '../aggregating.ts';
import { FIRING } from '../firing.ts';
import { CELLS, type MachineState, PROBE_CELLS } from '../machine-state.ts';
import { NARROW } from '../narrowing.ts';
import type { PreparedDifo, PreparedTables } from '../prepare.ts';
import type { Step } from '../steps.ts';
import { type DynamicVariables, threadKey } from '../variables.ts';
import type { LookUps } from './look-up.ts';

export const CLAUSE_SIGNATURE: WasmSignature = { takes: ['i32', 'i32', 'i32'], gives: ['i32'] };

/** Where a clause's code is written: a function of its own, or the run over rows (rows.ts). */
export interface Frame {
  readonly code: WasmCode;
  /** Locals, i32. */
  readonly payload: number;
  readonly row: number;
  readonly cpu: number;
  /** Emit what leaves the clause with an outcome. */
  readonly leave: (outcome: number) => void;
  /** In a run over rows, which is never entered without a row: what tells the probe at hand. */
  readonly probe?: ProbePlaces | undefined;
  /** Whether what is computed is but a guess (fetch-ahead.ts): registers are taken from their columns, filled or not. */
  readonly guesses?: boolean | undefined;
  /** Integer variables that are not in memory while the code runs: i64 locals, by place. */
  readonly locals?: ReadonlyMap<number, number> | undefined;
}

/** Rows of PROBE_CELLS by the local `entry`, and the EPIDs of the clause at hand, u32 each. */
export interface ProbePlaces {
  readonly entry: number;
  readonly cellsAt: number;
  readonly epidsAt: number;
  /** Offset of the name of whatever is traced. */
  readonly execname: number;
}

/** The frame of a function with CLAUSE_SIGNATURE. */
export function functionFrame(): Frame {
  const code = new WasmCode(CLAUSE_SIGNATURE.takes.length);
  const leave = (outcome: number) => void code.i32(outcome).op('return');
  return { code, payload: 0, row: 1, cpu: 2, leave };
}

/** What generated code calls; implemented in call-outs.ts. Numbers are bytes and word indices, as named. */
export const CALL_OUTS = {
  /** (code, difOffset, low, high): the fault of the instruction at that offset. */
  fault: { takes: ['i32', 'i32', 'i32', 'i32'], gives: [] },
  /** (piece) → ok: instructions that the interpreter runs. */
  piece: { takes: ['i32'], gives: ['i32'] },
  /** (list, payload) → outcome: steps that runSteps runs. */
  steps: { takes: ['i32', 'i32'], gives: ['i32'] },
  /** (a, b, difOffset) → −1, 0, 1 or UNREADABLE: strings at W[a] and W[b]. */
  compare: { takes: ['i32', 'i32', 'i32'], gives: ['i32'] },
  /** (register, variable, difOffset, row) → ok: the event's register to the scratch value. */
  register: { takes: ['i32', 'i32', 'i32', 'i32'], gives: ['i32'] },
  /** (table, keyBytes, cpu) → words: a new entry for the scratch key; 0 when there is no room. */
  insert: { takes: ['i32', 'i32', 'i32'], gives: ['i32'] },
  /** (table, keyBytes, cpu) → words: the same for the text key. */
  insertText: { takes: ['i32', 'i32', 'i32'], gives: ['i32'] },
  /** (slot, keyBytes, cpu): the scratch value to the dynamic variable with the scratch key, which may appear or go. */
  store: { takes: ['i32', 'i32', 'i32'], gives: [] },
} as const satisfies Record<string, WasmSignature>;
export type CallOutName = keyof typeof CALL_OUTS;

/** Keys of generated code have at most that many words. */
export const MAX_KEY_WORDS = TUPLE_STACK_SIZE + 1;
/** Scratch in linear memory, from its offset: a value, then a key. */
export const SCRATCH = { value: 0, key: 8, bytes: 8 + MAX_KEY_WORDS * 8 } as const;

/** Instructions that the interpreter runs, entered with that many entries on the tuple stack (V13: always the same). */
export interface Piece {
  readonly difo: PreparedDifo;
  readonly depth: number;
}

/** What generated code refers to by number, over a session. */
export class FastTables {
  readonly pieces: Piece[] = [];
  readonly lists: (readonly Step[])[] = [];
  readonly aggregations: AggregationTable[] = [];
}

/** What code is generated against; one per session. */
export interface FastContext {
  readonly m: MachineState;
  readonly tables: PreparedTables;
  readonly dynamic: DynamicVariables;
  readonly fast: FastTables;
  readonly scratchAt: number;
  /**
   * Where entries of a thread-local scalar that were found last are noted, u32 each, by the low bits of the CPU's number
   * (RECENT_CPUS). `slot` as in prepared code.
   */
  readonly recentAt: (slot: number) => number;
  /** Where keys with strings are put together: TEXT_KEY_STRINGS strings and MAX_KEY_WORDS words. */
  readonly textKeyAt: number;
}

/** A power of two. */
export const RECENT_CPUS = 64;

/** A key has at most that many strings when generated code makes it. */
export const TEXT_KEY_STRINGS = 4;

const { probeprov, probemod, probefunc, probename, execname, zonename } = CELLS;
const TEXT_CELLS: ReadonlySet<number> = new Set([
  probeprov,
  probemod,
  probefunc,
  probename,
  execname,
  zonename,
]);

/**
 * Whether a place is a cell with the address of a plain text: one that lies in linear memory, ends with a NUL, and that
 * any program may read. Generated code may look at plain texts by itself.
 */
export function isTextCell({ m }: FastContext, place: number): boolean {
  return TEXT_CELLS.has(place * 4 - m.cellsAt);
}

/** A word of a key in an i64 local. */
export interface KeyWord {
  readonly local: number;
  /** Whether its upper half is known to be 0. */
  readonly isShort: boolean;
}

/** The code of one clause being written. */
export class Emitter {
  readonly code: WasmCode;
  readonly frame: Frame;
  readonly context: FastContext;
  /** Local variables: the operands last compared, and a DIFO's value. */
  readonly left: number;
  readonly right: number;
  readonly result: number;
  /** For use within one instruction or step. */
  readonly value: number;
  readonly entry: number;
  /** Outcome when the DIFO at hand faults. */
  number = 0;
  /**
   * Whether nothing is used but what is in linear memory whichever way the clause is entered: no cell that the engine
   * sets per firing, no interpreter, no scratch.
   */
  isLean = true;
  private readonly callOuts: { readonly [name in CallOutName]: number };
  readonly lookUps: LookUps;
  /** The key that was made last, of values of the row alone: good until a label. `id` is what it is made of. */
  lastKey: { readonly id: string; readonly words: readonly KeyWord[]; readonly hash: number } | undefined;
  /** Integer variables that were just stored, and the local with their value: good until a label or a call-out. */
  private readonly stored = new Map<number, number>();
  /** Locals of DIF's registers and of the tuple stack; only those in use, since entering a function clears them all. */
  private readonly registers: number[] = [];
  private readonly tuple: number[] = [];

  constructor(
    context: FastContext,
    callOuts: { readonly [name in CallOutName]: number },
    lookUps: LookUps,
    frame: Frame,
  ) {
    const { code } = frame;
    this.code = code;
    this.frame = frame;
    this.context = context;
    this.callOuts = callOuts;
    this.lookUps = lookUps;
    this.left = code.local('i64');
    this.right = code.local('i64');
    this.result = code.local('i64');
    this.value = code.local('i64');
    this.entry = code.local('i32');
  }

  /** Number of the register at a place, or -1. Register 0 is none: it is a constant. */
  registerAt(place: number): number {
    const number = (place - (this.context.m.registersAt >>> 2)) / 2;
    return number > 0 && number < REGISTER_FILE_SIZE ? number : -1;
  }

  private register(number: number): number {
    this.registers[number] ??= this.code.local('i64');
    return this.registers[number];
  }

  /** Local of an entry of the tuple stack. */
  tupleEntry(index: number): number {
    this.tuple[index] ??= this.code.local('i64');
    return this.tuple[index];
  }

  get hasRow(): boolean {
    return this.frame.probe !== undefined;
  }

  /** The value at a place that never changes; else undefined. */
  constantAt(place: number): bigint | undefined {
    const { m, tables } = this.context;
    if (place === m.registersAt >>> 2 || place * 4 === m.cellsAt + CELLS.zero) return 0n;
    return tables.isConstant(place * 4) ? m.memory.i64[place >>> 1]! : undefined;
  }

  /** Push W[place]. */
  push(place: number): void {
    const register = this.registerAt(place);
    const constant = this.constantAt(place);
    const stored = this.frame.locals?.get(place) ?? this.stored.get(place);
    if (register >= 0) this.code.get(this.register(register));
    else if (stored !== undefined) this.code.get(stored);
    else if (constant !== undefined) this.code.i64(constant);
    else if (!this.pushCell(place * 4 - this.context.m.cellsAt)) {
      this.code.i32(0).access('i64.load', place * 4);
    }
  }

  /** The cells that the frame tells; others need a firing that was started in full. */
  private pushCell(cell: number): boolean {
    const { cpu, tid, zonename, bytes } = CELLS;
    if (cell < 0 || cell >= bytes || cell === zonename) return false;
    if (cell === cpu || cell === tid) {
      this.code.get(this.frame.cpu);
      if (cell === tid) this.code.i32(threadKey(0)).op('i32.add');
      this.code.op('i64.extend_i32_u');
      return true;
    }
    if (this.frame.probe !== undefined) this.pushProbeCell(cell, this.frame.probe);
    else this.isLean = false;
    return this.frame.probe !== undefined;
  }

  /** The clause's EPID at the probe at hand, i32: in a run over rows alone. */
  pushEpid(): void {
    const { entry, epidsAt } = this.frame.probe!;
    this.code.get(entry).i32(2).op('i32.shl').access('i32.load', epidsAt);
  }

  private pushProbeCell(cell: number, { entry, cellsAt, epidsAt, execname }: ProbePlaces): void {
    const { code } = this;
    const { epid, id, probeprov, probemod, probefunc, probename } = CELLS;
    const load = (at: number, shift: number) =>
      code.get(entry).i32(shift).op('i32.shl').access('i64.load32_u', at);
    const text = (at: number) =>
      load(cellsAt + at, PROBE_CELLS.shift)
        .i64(ENGINE_BASE)
        .op('i64.or');
    if (cell === epid) load(epidsAt, 2);
    else if (cell === id) load(cellsAt + PROBE_CELLS.id, PROBE_CELLS.shift);
    else if (cell === probeprov) text(PROBE_CELLS.probeprov);
    else if (cell === probemod) text(PROBE_CELLS.probemod);
    else if (cell === probefunc) text(PROBE_CELLS.probefunc);
    else if (cell === probename) text(PROBE_CELLS.probename);
    else if (cell === CELLS.execname) code.i64(ENGINE_BASE | BigInt(execname));
    else code.i64(0n); // whose process it is: an event's is nobody's
  }

  /** Pop a value into an integer variable. */
  storeInt(place: number): void {
    const own = this.frame.locals?.get(place);
    if (own !== undefined) {
      this.code.set(own);
      return;
    }
    const local = this.code.local('i64');
    this.code
      .set(local)
      .i32(0)
      .get(local)
      .access('i64.store', place * 4);
    this.stored.set(place, local);
  }

  /** What was stored may not be what is there: at a label, and after what may store by itself. */
  forgetStored(): void {
    this.lastKey = undefined;
    this.stored.clear();
  }

  /** Pop into W[place], which is a register. */
  pop(place: number): void {
    this.code.set(this.register(this.registerAt(place)));
  }

  /** Push the firing's cell of a column with elements of 2^shift bytes. */
  column(access: WasmAccess, at: number, shift: number): void {
    this.code.get(this.frame.row);
    if (shift > 0) this.code.i32(shift).op('i32.shl');
    this.code.access(access, at);
  }

  /** Cut the i64 on the stack to a declared width and extend it back. */
  narrow(narrowing: number): void {
    const { code } = this;
    if (narrowing === NARROW.s8) code.op('i64.extend8_s');
    else if (narrowing === NARROW.s16) code.op('i64.extend16_s');
    else if (narrowing === NARROW.s32) code.op('i64.extend32_s');
    else if (narrowing === NARROW.u8) code.i64(0xffn).op('i64.and');
    else if (narrowing === NARROW.u16) code.i64(0xffffn).op('i64.and');
    else if (narrowing === NARROW.u32) code.i64(0xffffffffn).op('i64.and');
  }

  callOut(name: CallOutName): void {
    if (name === 'piece' || name === 'steps' || name === 'compare') {
      this.isLean = false;
      this.forgetStored();
    }
    this.code.call(this.callOuts[name]);
  }

  /** Leave the clause when the i32 on the stack is 0: the call-out has set the fault. */
  leaveIfZero(): void {
    this.code.op('i32.eqz').if();
    this.frame.leave(this.number);
    this.code.end();
  }

  /** Leave the clause with a fault when the i32 on the stack is not 0. `value` gives its low and high half. */
  faultIf(faultCode: number, difOffset: number, value: () => void): void {
    this.code.if();
    this.code.i32(faultCode).i32(difOffset);
    value();
    this.callOut('fault');
    this.frame.leave(this.number);
    this.code.end();
  }

  /** Store W of a register where the interpreter looks for it, or fetch it from there. */
  spill(register: number): void {
    this.code
      .i32(0)
      .get(this.register(register))
      .access('i64.store', this.context.m.registersAt + register * 8);
  }

  reload(register: number): void {
    this.code
      .i32(0)
      .access('i64.load', this.context.m.registersAt + register * 8)
      .set(this.register(register));
  }

  get missingAt(): number {
    return this.context.m.firing.at + FIRING.missing;
  }
}
