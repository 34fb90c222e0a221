/**
 * The `fbt` provider: `fbt:MODULE:FUNCTION:entry` and `:return`, for the functions of the symbol tables.
 *
 *   entry    at the first instruction. arg0 … arg9 are the arguments as the platform passes them: System V in RDI RSI RDX RCX
 *            R8 R9 and the stack; in 32-bit code Linux' in EAX EDX ECX and the stack, other kernels' on the stack
 *   return   at each instruction that returns to the caller, which takes the code to know. arg0 is its offset in the
 *            function, arg1 the return value. A function that ends in a jump to another one returns there: a tail call
 *
 * Probes are made when a pattern asks for them, in the order of addresses; places are looked for only when enabled. Names
 * of a linker's, and the parts of functions that compilers put aside (`f.cold`), are no functions; what returns in
 * `f.cold` returns from f.
 */
import type { ProbePattern } from '../dif/program.ts';
import type { Firing } from '../engine/firing.ts';
import { fieldMatches, type ProbeProvider, type ProbeTable } from '../engine/probes.ts';
import type { RegisterName } from '../machine/registers.ts';
import { isLinkerMark, type SymbolTable } from '../symbols/symbol-table.ts';
import { StackPairs } from './pairing.ts';
import type { GuestCode, Hit, ProviderSite, SiteProvider } from './sites.ts';

/** Types of args[] by function name, from the kernel's own type information. */
export interface FunctionTypes {
  entryArguments(name: string, module?: string): readonly string[] | undefined;
  returnArguments(name: string, module?: string): readonly string[] | undefined;
}

export interface FbtParts {
  readonly tables: readonly SymbolTable[];
  readonly code: GuestCode | undefined; // without it there are no return probes
  /** Asked when a probe's types are wanted. */
  readonly types: () => FunctionTypes | undefined;
}

/** Functions of one name and module; there may be several. */
interface Named {
  readonly kind: 'entry' | 'return';
  readonly places: { readonly table: SymbolTable; readonly row: number }[];
}

export interface FbtAccount {
  readonly function: string;
  readonly entries: number;
  readonly returns: number;
  readonly left: number;
  readonly open: number;
  readonly strays: number;
}

const GLOB = /[*?[\\]/;
/** Not entered by calls: code that compilers put aside, and padding in front of functions. */
const NO_FUNCTION = /\.cold(\.\d+)?$|^__(pfx|cfi)_/;
const COLD_PARTS = ['.cold', '.cold.0', '.cold.1'];

export class FbtProvider implements ProbeProvider, SiteProvider {
  readonly name = 'fbt';
  private readonly parts: FbtParts;
  private readonly named = new Map<number, Named>();
  private readonly provided = new Set<string>();
  private readonly pairs = new StackPairs();
  private readonly pairedNames: string[] = [];

  constructor(parts: FbtParts) {
    this.parts = parts;
  }

  provide(pattern: ProbePattern, probes: ProbeTable): void {
    if (!fieldMatches(pattern.provider, 'fbt')) return;
    const wantsEntry = fieldMatches(pattern.name, 'entry');
    const wantsReturn = fieldMatches(pattern.name, 'return') && this.parts.code !== undefined;
    const key = `${pattern.module}:${pattern.function}:${pattern.name}`;
    if ((!wantsEntry && !wantsReturn) || this.provided.has(key)) return;
    this.provided.add(key);
    for (const table of this.parts.tables) {
      for (const row of functionRows(table, pattern)) {
        if (wantsEntry) this.make(probes, table, row, 'entry');
        if (wantsReturn && this.parts.code?.has(table.address(row))) this.make(probes, table, row, 'return');
      }
    }
  }

  private make(probes: ProbeTable, table: SymbolTable, row: number, kind: Named['kind']): void {
    const [module, func] = [table.module(row), table.name(row)];
    const { types } = this.parts;
    const probe = probes.create('fbt', module, func, kind, {
      argumentTypes: () =>
        (kind === 'entry' ? types()?.entryArguments(func, module) : types()?.returnArguments(func, module)) ??
        [],
    });
    const known = this.named.get(probe.id);
    if (known === undefined) this.named.set(probe.id, { kind, places: [{ table, row }] });
    else if (!known.places.some((place) => place.table === table && place.row === row))
      known.places.push({ table, row });
  }

  sites(isEnabled: (probeId: number) => boolean): readonly ProviderSite[] {
    const enabled = [...this.named].filter(([id]) => isEnabled(id));
    const claims = new PairClaims(this.pairs, enabled);
    return enabled.flatMap(([id, { kind, places }]) =>
      places.flatMap(({ table, row }) => {
        const pair = claims.take(kind, table.address(row));
        if (pair !== NO_PAIR) this.pairedNames[pair] = `${table.module(row)}:${table.name(row)}`;
        return kind === 'entry'
          ? [this.entrySite(id, table, row, pair)]
          : this.returnSites(id, table, row, pair);
      }),
    );
  }

  /** Of functions whose entries and returns are both traced. */
  accounts(): readonly FbtAccount[] {
    return this.pairedNames.map((name, pair) => {
      const { entries, returns, left, strays } = this.pairs.counts[pair]!;
      return { function: name, entries, returns, left, open: this.pairs.open(pair), strays };
    });
  }

  private entrySite(id: number, table: SymbolTable, row: number, pair: number): ProviderSite {
    const { module, name, address, size } = table.row(row);
    const onStack = module !== LINUX;
    return {
      address,
      functionEnd: address + BigInt(size),
      probe: `fbt:${module}:${name}:entry`,
      judges: 'now',
      probeAt: (hit) => {
        if (pair !== NO_PAIR && hit.read('rsp')) this.pairs.enter(pair, hit.low, hit.high);
        return id;
      },
      setArgs: (firing, hit) => setEntryArguments(firing, hit, onStack),
    };
  }

  private returnSites(id: number, table: SymbolTable, row: number, pair: number): ProviderSite[] {
    const { module, name, address, size } = table.row(row);
    const end = address + BigInt(size);
    const cold = COLD_PARTS.flatMap((suffix) => table.byName(name + suffix, module));
    const parts = [
      { start: address, end },
      ...cold.map((part) => ({ start: part.address, end: part.address + BigInt(part.size) })),
    ];
    return parts.flatMap((part) =>
      (this.parts.code?.returnsOf(part.start, part.end) ?? []).map((at) => ({
        address: at,
        functionEnd: part.end,
        midBlock: true,
        probe: `fbt:${module}:${name}:return`,
        judges: 'now',
        probeAt: (hit: Hit) => {
          if (pair !== NO_PAIR && hit.read('rsp')) this.pairs.leave(pair, hit.low, hit.high);
          return id;
        },
        setArgs: returnArguments(BigInt.asIntN(64, at - address)),
      })),
    );
  }
}

const LINUX = 'vmlinux';
const NO_PAIR = -1;

/** Rows of the functions that a pattern names, by address. */
function functionRows(table: SymbolTable, pattern: ProbePattern): readonly number[] {
  const { module: wanted, function: name } = pattern;
  // Most tables have one module or few; most patterns name one function.
  const modules = new Map(table.modules.map((module) => [module, fieldMatches(wanted, module)]));
  const accepts =
    name === '' || GLOB.test(name)
      ? (text: string, module: string) => modules.get(module)! && fieldMatches(name, text) && isFunction(text)
      : (text: string, module: string) => text === name && modules.get(module)! && isFunction(text);
  return table.functions(accepts);
}

function isFunction(name: string): boolean {
  return !NO_FUNCTION.test(name) && !isLinkerMark(name);
}

/** Which probe accounts for the entries and returns of a function: aliases share its address, and one is enough. */
class PairClaims {
  private readonly pairs: StackPairs;
  private readonly rows = new Map<bigint, { pair: number; readonly free: Set<Named['kind']> }>();

  constructor(pairs: StackPairs, enabled: readonly (readonly [number, Named])[]) {
    this.pairs = pairs;
    for (const [, { kind, places }] of enabled)
      for (const { table, row } of places) {
        const address = table.address(row);
        const claim = this.rows.get(address);
        if (claim) claim.free.add(kind);
        else this.rows.set(address, { pair: NO_PAIR, free: new Set([kind]) });
      }
    for (const [address, { free }] of this.rows) if (free.size < 2) this.rows.delete(address);
  }

  take(kind: Named['kind'], address: bigint): number {
    const claim = this.rows.get(address);
    if (claim === undefined || !claim.free.delete(kind)) return NO_PAIR;
    if (claim.pair === NO_PAIR) claim.pair = this.pairs.add();
    return claim.pair;
  }
}

const SYSTEM_V: readonly RegisterName[] = ['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9'];
const REGPARM: readonly RegisterName[] = ['rax', 'rdx', 'rcx'];
const ARGUMENTS = 10;

/** The return address lies at the stack pointer, the first argument of the stack above it. */
function setEntryArguments(firing: Firing, hit: Hit, onStack: boolean): void {
  const is64 = hit.read('r8'); // 32-bit code has none
  const registers = is64 ? SYSTEM_V : onStack ? [] : REGPARM;
  const wordBytes = is64 ? 8 : 4;
  for (let i = 0; i < ARGUMENTS; i++) {
    const register = registers[i];
    if (register !== undefined) hit.argument(firing, i, register);
    else hit.stackArgument(firing, i, (1 + i - registers.length) * wordBytes, wordBytes);
  }
}

function returnArguments(offset: bigint): (firing: Firing, hit: Hit) => void {
  return (firing, hit) => {
    firing.clearArgs();
    firing.setArg(0, offset);
    hit.argument(firing, 1, 'rax');
  };
}
