/**
 * Where user variables live.
 *
 * Global and clause-local variables have fixed storage, laid out when the session is ready; thread-locals and
 * associative arrays are dynamic: entries of one keyed table, limited by dynvarsize.
 *
 *   integer      8 bytes, kept narrowed to the declared width and extended, so that a load is a plain copy
 *   by reference  a marker word (0 = present, 1 = NULL), then the bytes: strsize + 1 for a string. Fixed storage only;
 *                 a dynamic variable that is NULL does not exist
 *
 *   key of a dynamic variable: {number u32 | scope, thread u32 (0 for global arrays)}, then the tuple
 *
 * Ids are those of the whole session: several programs may name the same variable, which then is one.
 */
import { bug } from '../base/assert.ts';
import type { LinearMemory } from '../base/linear-memory.ts';
import type { UserVariable, ValueShape } from '../dif/program.ts';
import { USER_VARIABLE_BASE } from '../dif/variables.ts';
import { ENGINE_BASE_HIGH } from '../machine/address.ts';
import { ChunkPool } from './chunk-pool.ts';
import type { DropCounts } from './drop-counts.ts';
import { KeyBuffer } from './key-buffer.ts';
import { ENTRY, KeyedTable } from './keyed-table.ts';
import { type MachineState, roundUp8, TUPLE_ENTRY_BYTES, TUPLE_KINDS } from './machine-state.ts';
import { copyNarrowed, NARROW, narrowingOf } from './narrowing.ts';

/** Added to the number of a thread-local's key, so that `self->a[…]` and `a[…]` of the same number differ. */
const THREAD_SCOPE = 0x10000;

/** Of the value of an entry without a tuple. */
const SCALAR_VALUE = ENTRY.key + 8;

/** Places remembered for variables that were found: a power of two. */
const RECENT = 64;

/** A variable in fixed storage, or the description of a dynamic one (`at` is 0). */
export interface VariableSlot {
  readonly keyNumber: number;
  readonly threaded: boolean;
  readonly kind: 'int' | 'string' | 'bytes';
  readonly narrowing: number; // of kind int
  readonly sizeBytes: number; // of kind bytes: what a store copies
  readonly valueBytes: number; // storage without the marker, a multiple of 8
  /** Offset of the value; the marker of a by-reference variable is 8 bytes before it. */
  at: number;
}

export class VariableStorage {
  private readonly slots = { global: new Map(), thread: new Map(), clause: new Map() } as {
    readonly [scope in UserVariable['scope']]: Map<number, VariableSlot>;
  };
  private readonly strsize: number;
  /** The clause-locals, contiguous, so that a firing clears them at once. */
  localsAt = 0;
  localsBytes = 0;

  constructor(strsize: number) {
    this.strsize = strsize;
  }

  /** Make known the variables that are not yet. Storage follows in `reserve`. */
  declare(variables: readonly UserVariable[]): void {
    for (const variable of variables) {
      const slots = this.slots[variable.scope];
      if (!slots.has(variable.id)) slots.set(variable.id, this.describe(variable));
    }
  }

  /** Reserve the fixed storage; returns its range. */
  reserve(memory: LinearMemory): { readonly start: number; readonly end: number } {
    const globals = [...this.slots.global.values()].filter((slot) => slot.keyNumber === 0);
    const locals = [...this.slots.clause.values()];
    const globalBytes = layOut(globals);
    this.localsBytes = layOut(locals);
    const start = memory.reserve(globalBytes + this.localsBytes);
    this.localsAt = start + globalBytes;
    for (const slot of globals) slot.at += start;
    for (const slot of locals) slot.at += this.localsAt;
    return { start, end: start + globalBytes + this.localsBytes };
  }

  /** Offsets of the clause-locals that are integers. */
  get integerLocals(): readonly number[] {
    return [...this.slots.clause.values()].filter(({ kind }) => kind === 'int').map(({ at }) => at);
  }

  /** As words, since there are but a few. */
  clearLocals({ f64 }: LinearMemory): void {
    const first = this.localsAt >>> 3;
    for (let i = this.localsBytes >>> 3; i > 0; i--) f64[first + i - 1] = 0;
  }

  slot(scope: UserVariable['scope'], id: number): VariableSlot {
    return this.slots[scope].get(id) ?? bug('engine', `unknown ${scope} variable ${id}`);
  }

  private describe(variable: UserVariable): VariableSlot {
    const dynamic = variable.scope === 'thread' || variable.keys !== undefined;
    const scope = variable.scope === 'thread' ? THREAD_SCOPE : 0;
    return {
      // Counted from 1, since 0 says that the variable is not dynamic.
      keyNumber: dynamic ? variable.id - USER_VARIABLE_BASE + 1 + scope : 0,
      threaded: variable.scope === 'thread',
      kind: storageKind(variable.value),
      narrowing: narrowingOf(variable.value),
      sizeBytes: variable.value.sizeBytes,
      valueBytes: this.storageBytes(variable.value),
      at: 0,
    };
  }

  private storageBytes(shape: ValueShape): number {
    if (shape.kind === 'string') return roundUp8(this.strsize + 1);
    return shape.kind === 'bytes' ? roundUp8(shape.sizeBytes) : 8;
  }
}

function storageKind(shape: ValueShape): VariableSlot['kind'] {
  return shape.kind === 'string' || shape.kind === 'bytes' ? shape.kind : 'int';
}

/** Give each slot its offset from the start; returns the bytes taken. */
function layOut(slots: readonly VariableSlot[]): number {
  let at = 0;
  for (const slot of slots) {
    if (slot.kind !== 'int') at += 8; // the marker
    slot.at = at;
    at += slot.valueBytes;
  }
  return at;
}

/** What tells threads apart where the guest's are unknown, as in a log: a CPU counts as one. Never 0. */
export function threadKey(cpu: number): number {
  return cpu + 1;
}

/** Find the bytes that the address at word index `from` names (foundAt, foundLength). False is a fault. */
function findReference(m: MachineState, slot: VariableSlot, from: number): boolean {
  if (slot.kind === 'string') return m.findText(from);
  m.foundAt = m.findBytes(from, slot.sizeBytes);
  m.foundLength = slot.sizeBytes;
  return m.foundAt >= 0;
}

/** Copy what findReference found into a variable's bytes. */
function copyFound(m: MachineState, slot: VariableSlot, to: number): void {
  const { u8 } = m.memory;
  u8.copyWithin(to, m.foundAt, m.foundAt + m.foundLength);
  if (slot.kind === 'string') u8[to + m.foundLength] = 0;
}

/** Store into a fixed by-reference variable: copy, or mark it NULL. */
export function storeFixedReference(m: MachineState, slot: VariableSlot, from: number): boolean {
  const marker = (slot.at - 8) >>> 2;
  const isNull = m.isZero(from);
  if (!isNull) {
    if (!findReference(m, slot, from)) return false;
    copyFound(m, slot, slot.at);
  }
  m.memory.i32[marker] = isNull ? 1 : 0;
  return true;
}

export class DynamicVariables {
  private readonly drops: DropCounts;
  private readonly pool: ChunkPool;
  private readonly table: KeyedTable;
  private readonly key: KeyBuffer;
  /**
   * Where variables without a tuple were found last, as word indices, by variable and thread. An entry there is the one
   * as long as it has the key: chunks of this pool are entries of this table alone, and one that goes has no key.
   */
  private readonly recent = new Int32Array(RECENT);

  constructor(m: MachineState, limitBytes: number, drops: DropCounts) {
    this.drops = drops;
    this.key = new KeyBuffer(m);
    this.pool = new ChunkPool(m.memory, limitBytes, (start, end) => m.visible.add(start, end));
    this.table = new KeyedTable(m.memory, this.pool);
  }

  get count(): number {
    return this.table.count;
  }

  get usedBytes(): number {
    return this.pool.usedBytes;
  }

  /** Offset of the table's header. */
  get tableAt(): number {
    return this.table.at;
  }

  /** Offset of the pool's (chunk-pool.ts). */
  get poolAt(): number {
    return this.pool.at;
  }

  /** Load into the register at word index `to`. `tuple` says whether the tuple stack holds keys; it is emptied. */
  load(m: MachineState, slot: VariableSlot, tuple: boolean, to: number): boolean {
    if (tuple && !this.makeKey(m, slot)) return false;
    const entry = tuple ? this.table.find(this.key.at, this.key.bytes) : this.findScalar(m, slot);
    const { i32 } = m.memory;
    if (entry === 0) {
      i32[to] = 0;
      i32[to + 1] = 0;
      return true;
    }
    const value = this.table.valueOf(entry);
    if (slot.kind === 'int') copyNarrowed(i32, to, value >>> 2, NARROW.none);
    else {
      m.grant(value, value + slot.valueBytes);
      i32[to] = value;
      i32[to + 1] = ENGINE_BASE_HIGH;
    }
    return true;
  }

  /** The same for an integer without a tuple. */
  loadScalar(m: MachineState, slot: VariableSlot, to: number): void {
    const entry = this.findScalar(m, slot);
    const { i32 } = m.memory;
    const value = (entry + SCALAR_VALUE) >>> 2;
    i32[to] = entry === 0 ? 0 : i32[value]!;
    i32[to + 1] = entry === 0 ? 0 : i32[value + 1]!;
  }

  /** The same for an integer without a tuple, where one that stays is stored into right away. */
  storeScalar(m: MachineState, slot: VariableSlot, from: number): void {
    const entry = this.deletes(m, slot, from) ? 0 : this.findScalar(m, slot);
    if (entry === 0) {
      this.startKey(m, slot);
      this.storeAt(m, slot, this.key.at, this.key.bytes, from);
      return;
    }
    const { i32 } = m.memory;
    const value = (entry + SCALAR_VALUE) >>> 2;
    if (slot.narrowing !== NARROW.none) copyNarrowed(i32, value, from, slot.narrowing);
    else {
      i32[value] = i32[from]!;
      i32[value + 1] = i32[from + 1]!;
    }
  }

  /** Store the value at word index `from`; 0 deletes. Without room the store is dropped and counted. */
  store(m: MachineState, slot: VariableSlot, tuple: boolean, from: number): boolean {
    if (!tuple) this.startKey(m, slot);
    else if (!this.makeKey(m, slot)) return false;
    return this.storeAt(m, slot, this.key.at, this.key.bytes, from);
  }

  /** The same with the key made already. */
  storeAt(m: MachineState, slot: VariableSlot, keyAt: number, keyBytes: number, from: number): boolean {
    if (this.deletes(m, slot, from)) {
      this.table.remove(keyAt, keyBytes);
      m.revokeGrants();
      return true;
    }
    // Found before making the entry, so that an unreadable source leaves no empty variable behind.
    if (slot.kind !== 'int' && !findReference(m, slot, from)) return false;
    const entry = this.table.findOrInsert(keyAt, keyBytes, slot.valueBytes);
    if (entry === 0) {
      this.drops.add('DYNAMIC', m.firing.cpu);
      return true;
    }
    const value = this.table.valueOf(entry);
    if (slot.kind === 'int') copyNarrowed(m.memory.i32, value >>> 2, from, slot.narrowing);
    else copyFound(m, slot, value);
    return true;
  }

  /** An integer that becomes 0 at its declared width counts as 0. */
  private deletes(m: MachineState, slot: VariableSlot, from: number): boolean {
    if (slot.kind !== 'int' || slot.narrowing === NARROW.none) return m.isZero(from);
    const scratch = m.faultValueAt >>> 2; // free as long as there is no fault
    copyNarrowed(m.memory.i32, scratch, from, slot.narrowing);
    return m.isZero(scratch);
  }

  private threadKey(m: MachineState): number {
    const { cpu } = m.firing;
    return m.guestProcess.knowsProcesses ? m.guestProcess.threadKey(cpu) : threadKey(cpu);
  }

  /** The entry of a variable that has no tuple, or 0. */
  private findScalar(m: MachineState, slot: VariableSlot): number {
    const thread = slot.threaded ? this.threadKey(m) : 0;
    const place = (slot.keyNumber * 8 + thread) & (RECENT - 1);
    const at = this.recent[place]!;
    const { i32 } = m.memory;
    if (at !== 0 && i32[at + 2] === 8 && i32[at + 4] === slot.keyNumber && i32[at + 5] === thread)
      return at * 4;
    this.key.start();
    this.key.appendWords(slot.keyNumber, thread);
    const entry = this.table.find(this.key.at, this.key.bytes);
    this.recent[place] = entry >>> 2;
    return entry;
  }

  private startKey(m: MachineState, slot: VariableSlot): void {
    this.key.start();
    this.key.appendWords(slot.keyNumber, slot.threaded ? this.threadKey(m) : 0);
  }

  /** The key of a variable with the tuple stack, which is emptied. */
  private makeKey(m: MachineState, slot: VariableSlot): boolean {
    this.startKey(m, slot);
    for (let i = 0; i < m.tupleDepth; i++) {
      if (!appendTupleEntry(m, this.key, (m.tupleAt + i * TUPLE_ENTRY_BYTES) >>> 2)) return false;
    }
    m.tupleDepth = 0;
    return true;
  }
}

function appendTupleEntry(m: MachineState, key: KeyBuffer, entry: number): boolean {
  const { i32 } = m.memory;
  switch (i32[entry + 3]!) {
    case TUPLE_KINDS.string:
      return key.appendText(entry);
    case TUPLE_KINDS.bytes:
      return key.appendBytes(entry, i32[entry + 2]! >>> 0);
    default:
      return key.appendInteger(entry, NARROW.none);
  }
}
