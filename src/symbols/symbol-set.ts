/**
 * All symbols of a session: the tables of every --symbols file, asked in the order in which they were given.
 *
 * It answers the two who ask: the consumer, which prints addresses as names (`lookup`), and the engine, which counts all
 * addresses of a function or module under one key (`toSymbol`, `toModule`; these allocate nothing).
 */
import type { SymbolHit, SymbolTable } from './symbol-table.ts';

export class SymbolSet {
  readonly tables: readonly SymbolTable[];
  private readonly demangle: (name: string) => string;
  private readonly shown = new Map<string, string>();

  /** `demangle` gives the name to print. */
  constructor(tables: readonly SymbolTable[], demangle: (name: string) => string) {
    this.tables = tables;
    this.demangle = demangle;
  }

  /** A symbol of any table before a module without symbol. */
  lookup(address: bigint): SymbolHit | undefined {
    let module: SymbolHit | undefined;
    for (const table of this.tables) {
      const hit = table.lookup(address);
      if (hit !== undefined && hit.name !== '') return { ...hit, name: this.nameShown(hit.name) };
      module ??= hit;
    }
    return module;
  }

  /** Replace the address in the two words at `at` by that of the symbol it lies in, if any. */
  toSymbol(words: Int32Array, at: number): void {
    for (const table of this.tables) {
      const row = table.find(words[at + 1]! >>> 0, words[at]! >>> 0);
      if (row < 0) continue;
      put(table, row, words, at);
      return;
    }
  }

  /** The same with the first symbol of the module it lies in. */
  toModule(words: Int32Array, at: number): void {
    for (const table of this.tables) {
      const row = table.findModule(words[at + 1]! >>> 0, words[at]! >>> 0);
      if (row < 0) continue;
      put(table, row, words, at);
      return;
    }
  }

  private nameShown(name: string): string {
    let shown = this.shown.get(name);
    if (shown === undefined) {
      shown = this.demangle(name);
      this.shown.set(name, shown);
    }
    return shown;
  }
}

function put(table: SymbolTable, row: number, words: Int32Array, at: number): void {
  words[at] = table.addressLow(row);
  words[at + 1] = table.addressHigh(row);
}
