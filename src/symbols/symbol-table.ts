/**
 * A symbol table: what lies at an address, and where a name is. The front page of the room.
 *
 * Readers (listing.ts, elf.ts) add what a file says to a SymbolTableBuilder, one row per name; `build` sorts it once.
 * Addresses are 64 bits wide and kept as two columns of 32, so that a lookup compares integers and allocates nothing.
 *
 *   rows of one address    all stay, the one best to print first: functions before data before labels, global before
 *                          local, ordinary names before linker marks (`_text`, `__start_x`), few leading underscores
 *   extent of a row        the size that the file gives; without one, up to the next row, boundary or page
 *   rows inside others     an address that the nearest row does not cover belongs to the row around it, if there is one;
 *                          a label without size inside a function is no row of its own, only a name
 *   absolute symbols       (per-CPU offsets, constants) have a name but never an address
 */

/** `label` is a symbol of unknown kind, as assembly makes; `boundary` ends what has no size and is no symbol itself. */
export type SymbolKind = 'function' | 'data' | 'label' | 'absolute' | 'boundary';
export type SymbolBinding = 'global' | 'weak' | 'local';

export interface SymbolRow {
  readonly module: string;
  readonly name: string;
  readonly address: bigint;
  readonly size: number; // bytes
  readonly kind: SymbolKind;
}

/** What lies at an address. Between symbols of a module whose extent is known, `name` is empty and `offset` 0. */
export interface SymbolHit {
  readonly module: string;
  readonly name: string;
  readonly offset: bigint;
  readonly size: number;
}

/** Ranks of rows that share an address; the least comes first. */
const KIND_RANKS: Readonly<Record<SymbolKind, number>> = {
  function: 0,
  data: 1,
  label: 2,
  absolute: 3,
  boundary: 4,
};
const BINDING_RANKS: Readonly<Record<SymbolBinding, number>> = { global: 0, weak: 1, local: 2 };

/** What linkers and their scripts call the ends of things. */
const LINKER_MARK =
  /^(_+(start|stop|end|begin)(_|$)|_(text|stext|etext|sinittext|einittext|data|sdata|edata|end)$)|_(start|end|begin)$/;

const TWO_32 = 0x1_0000_0000;
/** What a symbol without size and without anything behind it covers. */
const LAST_SYMBOL_BYTES = 4096;
export const UNKNOWN_SIZE = -1;

export class SymbolTableBuilder {
  private readonly names: string[] = [];
  private readonly modules: number[] = [];
  private readonly moduleNames: string[] = [];
  private readonly moduleNumbers = new Map<string, number>();
  private readonly kinds: SymbolKind[] = [];
  private readonly bindings: SymbolBinding[] = [];
  private readonly highs: number[] = [];
  private readonly lows: number[] = [];
  private readonly sizes: number[] = [];

  get count(): number {
    return this.names.length;
  }

  /** `high` and `low` are the halves of the address, unsigned; `size` may be UNKNOWN_SIZE. */
  add(
    module: string,
    name: string,
    high: number,
    low: number,
    size: number,
    kind: SymbolKind,
    binding: SymbolBinding,
  ): void {
    this.names.push(name);
    this.modules.push(this.numberOf(module));
    this.kinds.push(kind);
    this.bindings.push(binding);
    this.highs.push(high);
    this.lows.push(low);
    this.sizes.push(size);
  }

  build(): SymbolTable {
    const order: number[] = [];
    for (let i = 0; i < this.kinds.length; i++) if (this.kinds[i] !== 'absolute') order.push(i);
    // An array and not a typed one: its sort takes no time for what is in order already, as most files are.
    order.sort((a, b) => this.compare(a, b));
    const { rows, labels, parents } = this.sizedRows(order);
    const [addressed, named] = [rows.length, rows.length + labels.length];
    const firsts = this.firstAliases(rows);
    for (const label of labels) rows.push(label);
    for (let i = 0; i < this.kinds.length; i++) if (this.kinds[i] === 'absolute') rows.push(i);
    return new SymbolTable(
      {
        names: rows.map((i) => this.names[i]!),
        kinds: rows.map((i) => this.kinds[i]!),
        modules: new Uint32Array(rows.map((i) => this.modules[i]!)),
        moduleNames: this.moduleNames,
        sizes: new Float64Array(rows.map((i) => Math.max(0, this.sizes[i]!))),
        parents: new Int32Array(parents),
        firsts,
        addressed,
        named,
      },
      new Uint32Array(rows.map((i) => this.highs[i]!)),
      new Uint32Array(rows.map((i) => this.lows[i]!)),
    );
  }

  private numberOf(module: string): number {
    let number = this.moduleNumbers.get(module);
    if (number === undefined) {
      number = this.moduleNames.push(module) - 1;
      this.moduleNumbers.set(module, number);
    }
    return number;
  }

  private compare(a: number, b: number): number {
    return (
      this.highs[a]! - this.highs[b]! ||
      this.lows[a]! - this.lows[b]! ||
      KIND_RANKS[this.kinds[a]!] - KIND_RANKS[this.kinds[b]!] ||
      markRank(this.names[a]!) - markRank(this.names[b]!) ||
      BINDING_RANKS[this.bindings[a]!] - BINDING_RANKS[this.bindings[b]!] ||
      underscores(this.names[a]!) - underscores(this.names[b]!) ||
      a - b
    );
  }

  /**
   * Give every row its size, in address order, and find the row around it. Boundaries go; labels inside a function
   * go to `labels`.
   */
  private sizedRows(order: readonly number[]): { rows: number[]; labels: number[]; parents: number[] } {
    const rows: number[] = [];
    const labels: number[] = [];
    const parents: number[] = [];
    const open: number[] = []; // positions in `rows` of those that may cover what follows
    const next = this.nextHigher(order);
    order.forEach((row, at) => {
      if (this.kinds[row] === 'boundary') return;
      while (open.length > 0 && !this.covers(rows[open.at(-1)!]!, row)) open.pop();
      const isUnsized = this.sizes[row]! <= 0;
      if (isUnsized && this.kinds[row] === 'label' && open.length > 0) {
        labels.push(row);
        return;
      }
      if (isUnsized) this.sizes[row] = this.room(row, order[next[at]!]);
      parents.push(open.at(-1) ?? -1);
      open.push(rows.push(row) - 1);
    });
    return { rows, labels, parents };
  }

  /** For each place in `order` the next one with a higher address. */
  private nextHigher(order: readonly number[]): Int32Array {
    const next = new Int32Array(order.length);
    for (let at = order.length - 1; at >= 0; at--) {
      const isAlias = at + 1 < order.length && this.distance(order[at]!, order[at + 1]!) === 0;
      next[at] = isAlias ? next[at + 1]! : at + 1;
    }
    return next;
  }

  /** Bytes from a row without size to the next one; a module's last row has a page at most. */
  private room(row: number, next: number | undefined): number {
    if (next === undefined) return LAST_SYMBOL_BYTES;
    const distance = this.distance(row, next);
    const goesOn = this.modules[next] === this.modules[row] || this.kinds[next] === 'boundary';
    return goesOn ? distance : Math.min(distance, LAST_SYMBOL_BYTES);
  }

  private firstAliases(rows: readonly number[]): Int32Array {
    const firsts = new Int32Array(rows.length);
    for (let at = 1; at < rows.length; at++) {
      firsts[at] = this.distance(rows[at - 1]!, rows[at]!) === 0 ? firsts[at - 1]! : at;
    }
    return firsts;
  }

  private covers(outer: number, inner: number): boolean {
    return this.distance(outer, inner) < this.sizes[outer]!;
  }

  private distance(from: number, to: number): number {
    return (this.highs[to]! - this.highs[from]!) * TWO_32 + (this.lows[to]! - this.lows[from]!);
  }
}

function markRank(name: string): number {
  return isLinkerMark(name) ? 1 : 0;
}

/** Whether a name is the beginning or end of something and not a thing itself. */
export function isLinkerMark(name: string): boolean {
  return LINKER_MARK.test(name);
}

function underscores(name: string): number {
  let count = 0;
  while (name.charCodeAt(count) === 0x5f) count++;
  return count;
}

/** Columns of all rows: those with an address, sorted; then labels inside functions; then absolute symbols. */
interface Columns {
  readonly names: readonly string[];
  readonly kinds: readonly SymbolKind[];
  readonly modules: Uint32Array; // index in moduleNames
  readonly moduleNames: readonly string[];
  readonly sizes: Float64Array;
  readonly parents: Int32Array; // row around a row, -1 for none
  readonly firsts: Int32Array; // first row of the same address
  readonly addressed: number; // rows that a lookup can find
  readonly named: number; // rows that have an address to ask for by name
}

export class SymbolTable {
  private readonly columns: Columns;
  private readonly highs: Uint32Array;
  private readonly lows: Uint32Array;
  private nameRows: Map<string, number | number[]> | undefined; // made at the first question
  private extents: ModuleExtents | undefined;

  constructor(columns: Columns, highs: Uint32Array, lows: Uint32Array) {
    this.columns = columns;
    this.highs = highs;
    this.lows = lows;
  }

  /** Symbols that have an address. */
  get count(): number {
    return this.columns.named;
  }

  get modules(): readonly string[] {
    return this.columns.moduleNames;
  }

  /** The row to print for an address, or -1 when no symbol covers it. */
  find(high: number, low: number): number {
    let row = this.last(high, low);
    while (
      row >= 0 &&
      !((high - this.highs[row]!) * TWO_32 + (low - this.lows[row]!) < this.columns.sizes[row]!)
    ) {
      row = this.columns.parents[row]!;
    }
    return row < 0 ? -1 : this.columns.firsts[row]!;
  }

  name(row: number): string {
    return this.columns.names[row]!;
  }

  module(row: number): string {
    return this.columns.moduleNames[this.columns.modules[row]!]!;
  }

  kind(row: number): SymbolKind {
    return this.columns.kinds[row]!;
  }

  addressHigh(row: number): number {
    return this.highs[row]!;
  }

  addressLow(row: number): number {
    return this.lows[row]!;
  }

  address(row: number): bigint {
    return (BigInt(this.highs[row]!) << 32n) | BigInt(this.lows[row]!);
  }

  row(row: number): SymbolRow {
    const { sizes } = this.columns;
    return {
      module: this.module(row),
      name: this.name(row),
      address: this.address(row),
      size: sizes[row]!,
      kind: this.kind(row),
    };
  }

  lookup(address: bigint): SymbolHit | undefined {
    const high = Number(BigInt.asUintN(32, address >> 32n));
    const low = Number(BigInt.asUintN(32, address));
    const row = this.find(high, low);
    if (row >= 0) {
      const offset = BigInt.asUintN(64, address) - this.address(row);
      return { module: this.module(row), name: this.name(row), offset, size: this.columns.sizes[row]! };
    }
    const module = this.moduleExtents().find(high, low);
    return module < 0
      ? undefined
      : { module: this.columns.moduleNames[module]!, name: '', offset: 0n, size: 0 };
  }

  /** First row of the module that an address lies in, or -1: what mod() counts by. */
  findModule(high: number, low: number): number {
    const row = this.find(high, low);
    const extents = this.moduleExtents();
    const module = row >= 0 ? this.columns.modules[row]! : extents.find(high, low);
    return module < 0 ? -1 : extents.first[module]!;
  }

  /** All symbols of that name with an address. */
  byName(name: string, module?: string): readonly SymbolRow[] {
    this.nameRows ??= this.indexNames();
    const found = this.nameRows.get(name) ?? [];
    const rows = (typeof found === 'number' ? [found] : found).map((row) => this.row(row));
    return module === undefined ? rows : rows.filter((row) => row.module === module);
  }

  /** The value of an absolute symbol: for a per-CPU variable its place in every CPU's block. */
  absolute(name: string): bigint | undefined {
    const row = this.columns.names.indexOf(name, this.columns.named);
    return row < 0 ? undefined : this.address(row);
  }

  /** Rows of functions whose name and module are wanted, by address; every name of a function is a row. */
  functions(accepts: (name: string, module: string) => boolean): number[] {
    const { kinds, names, addressed } = this.columns;
    const rows: number[] = [];
    for (let row = 0; row < addressed; row++) {
      if (kinds[row] === 'function' && accepts(names[row]!, this.module(row))) rows.push(row);
    }
    return rows;
  }

  /** The same symbols `slide` bytes further up; undefined when they would leave the address space. */
  slid(slide: bigint): SymbolTable | undefined {
    if (slide === 0n) return this;
    const { addressed, named } = this.columns;
    const highs = this.highs.slice();
    const lows = this.lows.slice();
    for (let row = 0; row < named; row++) {
      const moved = this.address(row) + slide;
      if (BigInt.asUintN(64, moved) !== moved) {
        if (row < addressed) return undefined;
      }
      highs[row] = Number(BigInt.asUintN(32, moved >> 32n));
      lows[row] = Number(BigInt.asUintN(32, moved));
    }
    return new SymbolTable(this.columns, highs, lows);
  }

  /** The last row whose address is not above, or -1. */
  private last(high: number, low: number): number {
    let [from, to] = [0, this.columns.addressed];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const above = this.highs[middle]!;
      if (above < high || (above === high && this.lows[middle]! <= low)) from = middle + 1;
      else to = middle;
    }
    return from - 1;
  }

  private indexNames(): Map<string, number | number[]> {
    const { names, named } = this.columns;
    const index = new Map<string, number | number[]>();
    for (let row = 0; row < named; row++) {
      const name = names[row]!;
      const before = index.get(name);
      if (before === undefined) index.set(name, row);
      else if (typeof before === 'number') index.set(name, [before, row]);
      else before.push(row);
    }
    return index;
  }

  private moduleExtents(): ModuleExtents {
    this.extents ??= extentsOf(this.columns, this.highs, this.lows);
    return this.extents;
  }
}

interface ModuleExtents {
  /** First row of each module, -1 when it has none with an address. */
  readonly first: Int32Array;
  /** The module whose symbols lie on both sides of an address, or -1. */
  find(high: number, low: number): number;
}

function extentsOf(
  { modules, moduleNames, addressed }: Columns,
  highs: Uint32Array,
  lows: Uint32Array,
): ModuleExtents {
  const first = new Int32Array(moduleNames.length).fill(-1);
  const last = new Int32Array(moduleNames.length).fill(-1);
  for (let row = 0; row < addressed; row++) {
    const module = modules[row]!;
    if (first[module] === -1) first[module] = row;
    last[module] = row;
  }
  const isBelow = (row: number, high: number, low: number) =>
    highs[row]! < high || (highs[row] === high && lows[row]! <= low);
  const find = (high: number, low: number) =>
    first.findIndex(
      (row, module) => row >= 0 && isBelow(row, high, low) && !isBelow(last[module]!, high, low),
    );
  return { first, find };
}
