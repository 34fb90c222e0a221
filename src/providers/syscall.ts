/**
 * The `syscall` provider: `syscall:PERSONALITY:NAME:entry` and `:return`, for Linux `linux64` (SYSCALL) and `linux32`
 * (INT 0x80, SYSENTER), for other kernels what `-x syscalls=FILE` says.
 *
 *   entry    arg0 … are the call's arguments. INT is seen in any interrupt log; SYSCALL where the kernel's entry code is a
 *            site, which takes symbols and a log with code addresses, or a live guest
 *   return   arg0 and arg1 are the result; errno is its negation when that is 1 to 4095, else 0
 *
 * Where the result is, the number is not: a return's name is that of the thread's last entry. A thread is told by its
 * address space (CR3 without the bits that do not choose one: PCID, page-table isolation) and its FS base, where 64-bit
 * programs keep their thread pointer. vfork and clone may lend both to a child, so what a child calls until it ends or
 * becomes another program is kept above the call that waits. A return without an entry fires nothing and is counted.
 * Numbers without a name are `sys_NNN`.
 */
import type { ProbePattern } from '../dif/program.ts';
import { FIRING, type Firing } from '../engine/firing.ts';
import { fieldMatches, type ProbeProvider, type ProbeTable } from '../engine/probes.ts';
import { ARCHITECTURE_IDS, USER_LEVELS } from '../machine/causes.ts';
import { EVENT_FLAGS } from '../machine/event-batch.ts';
import { REGISTERS, type RegisterDef } from '../machine/registers.ts';
import type { GuestCode, Hit, ProviderSite, SiteProvider } from './sites.ts';
import { MOST_NUMBERS, type Personality, type SyscallWay } from './syscalls/abi.ts';
import { ThreadCalls } from './thread-calls.ts';
import { vecProbeIndex } from './vec.ts';

/** A system call by INT: fires with the delivery of its vector. */
export interface TrapSite {
  readonly index: number; // vecProbeIndex
  readonly site: Pick<ProviderSite, 'probeAt' | 'setArgs'>;
}

export interface SyscallFinder {
  /** The function of that name, if there are symbols. */
  function(name: string): { readonly start: bigint; readonly end: bigint } | undefined;
  readonly code: GuestCode | undefined;
}

/** Numbers that get a probe without having a name, when a pattern names many: Linux' tables have gaps and grow. */
const UNNAMED_BELOW = 512;
const UNNAMED = /^sys_(0|[1-9]\d{0,3})$/;
const MOST_ERRNO = 4095;
const ENTRY_TYPES = ['int64_t', 'int64_t', 'int64_t', 'int64_t', 'int64_t', 'int64_t'];
const RETURN_TYPES = ['int64_t', 'int64_t'];

export interface SyscallAccount {
  readonly personality: string;
  readonly entries: number;
  readonly returns: number;
  readonly unreturned: number;
  readonly strays: number;
  readonly unknown: number;
}

export class SyscallProvider implements ProbeProvider, SiteProvider {
  readonly name = 'syscall';
  private readonly callers: readonly Caller[];

  constructor(personalities: readonly Personality[], finder: SyscallFinder) {
    this.callers = personalities.map((personality) => new Caller(personality, finder));
  }

  provide(pattern: ProbePattern, probes: ProbeTable): void {
    if (!fieldMatches(pattern.provider, 'syscall')) return;
    for (const caller of this.callers) caller.provide(pattern, probes);
  }

  sites(isEnabled: (probeId: number) => boolean): readonly ProviderSite[] {
    return this.callers.flatMap((caller) => caller.sites(isEnabled));
  }

  traps(isEnabled: (probeId: number) => boolean): readonly TrapSite[] {
    return this.callers.flatMap((caller) => caller.traps(isEnabled));
  }

  /** Of the personalities whose returns were asked for. */
  accounts(): readonly SyscallAccount[] {
    return this.callers.map((caller) => caller.account()).filter((account) => account !== undefined);
  }
}

/** One personality: its probes, its sites, and which call each thread is in. */
class Caller {
  private readonly personality: Personality;
  private readonly finder: SyscallFinder;
  private readonly entryIds = new Int32Array(MOST_NUMBERS);
  private readonly returnIds = new Int32Array(MOST_NUMBERS);
  private readonly calls: ThreadCalls;
  private pairs = false; // returns are enabled
  private unknown = 0; // calls with a number that has no probe
  private returnSites: readonly bigint[] | undefined;

  constructor(personality: Personality, finder: SyscallFinder) {
    this.personality = personality;
    this.finder = finder;
    this.calls = new ThreadCalls(personality);
  }

  provide(pattern: ProbePattern, probes: ProbeTable): void {
    const { name: module } = this.personality;
    if (!fieldMatches(pattern.module, module)) return;
    const entry = this.hasEntries && fieldMatches(pattern.name, 'entry');
    const exit = fieldMatches(pattern.name, 'return') && this.hasReturns;
    if (!entry && !exit) return;
    for (const [number, name] of this.named(pattern)) {
      if (entry)
        this.entryIds[number] = probes.create('syscall', module, name, 'entry', {
          argumentTypes: ENTRY_TYPES,
        }).id;
      if (exit)
        this.returnIds[number] = probes.create('syscall', module, name, 'return', {
          argumentTypes: RETURN_TYPES,
        }).id;
    }
  }

  /** Numbers and names that the pattern means. */
  private named({ function: pattern }: ProbePattern): readonly (readonly [number, string])[] {
    const { names } = this.personality;
    const unnamed = UNNAMED.exec(pattern);
    const rows = [...names].filter(([, name]) => fieldMatches(pattern, name));
    if (unnamed && Number(unnamed[1]) < MOST_NUMBERS && !names.has(Number(unnamed[1])))
      rows.push([Number(unnamed[1]), pattern]);
    else if (!unnamed)
      for (let number = 0; number < UNNAMED_BELOW; number++)
        if (!names.has(number) && fieldMatches(pattern, `sys_${number}`))
          rows.push([number, `sys_${number}`]);
    return rows.sort(([a], [b]) => a - b);
  }

  private get hasEntries(): boolean {
    return this.personality.ways.some(
      ({ at }) => at.kind === 'vector' || this.finder.function(at.symbol) !== undefined,
    );
  }

  private get hasReturns(): boolean {
    return this.results().length > 0;
  }

  /** Where results are. */
  private results(): readonly bigint[] {
    const { finder, personality } = this;
    this.returnSites ??= personality.results.flatMap((place) => {
      const found = finder.function(place.symbol);
      if (found === undefined) return [];
      if (place.kind === 'place') return [found.start + BigInt(place.offset)];
      return finder.code?.resultSites(found.start, found.end) ?? [];
    });
    return this.returnSites;
  }

  private enables(ids: Int32Array, isEnabled: (probeId: number) => boolean): boolean {
    return ids.some((id) => id !== 0 && isEnabled(id));
  }

  sites(isEnabled: (probeId: number) => boolean): readonly ProviderSite[] {
    this.pairs = this.enables(this.returnIds, isEnabled);
    if (!this.pairs && !this.enables(this.entryIds, isEnabled)) return [];
    const sites: ProviderSite[] = [];
    for (const way of this.personality.ways) {
      const found = way.at.kind === 'symbol' ? this.finder.function(way.at.symbol) : undefined;
      if (found !== undefined) sites.push(this.entrySite(way, found));
    }
    if (this.pairs) sites.push(...this.results().map((address) => this.returnSite(address)));
    return sites;
  }

  traps(isEnabled: (probeId: number) => boolean): readonly TrapSite[] {
    if (!this.enables(this.returnIds, isEnabled) && !this.enables(this.entryIds, isEnabled)) return [];
    return this.personality.ways.flatMap((way) =>
      way.at.kind === 'vector' ? [{ index: indexOf(way.at), site: this.entryOf(way) }] : [],
    );
  }

  private entrySite(way: SyscallWay, { start, end }: { start: bigint; end: bigint }): ProviderSite {
    return {
      address: start,
      functionEnd: end,
      probe: `syscall:${this.personality.name}::entry`,
      readsRegisters: true,
      judges: way.flags === 'r11' ? 'caller' : 'nobody',
      ...this.entryOf(way),
    };
  }

  private entryOf({ at, number, args }: SyscallWay): Pick<ProviderSite, 'probeAt' | 'setArgs'> {
    return {
      probeAt: (hit) => {
        if (at.kind === 'vector' && at.architecture !== undefined && !isUser(hit)) return 0;
        if (!hit.read(number) || hit.low < 0 || hit.low >= MOST_NUMBERS) {
          this.unknown++;
          return 0;
        }
        const call = hit.low;
        if (this.pairs) this.calls.enter(hit, call);
        const probe = this.entryIds[call]!;
        if (probe === 0 && this.returnIds[call] === 0 && !this.personality.names.has(call)) this.unknown++;
        return probe;
      },
      setArgs: (firing, hit) => {
        firing.clearArgs();
        for (let i = 0; i < args.length; i++) {
          const place = args[i]!;
          if (place.kind === 'stack') hit.stackArgument(firing, i, place.offset, place.sizeBytes);
          else if (place.bits === 32) hit.argument32(firing, i, place.name);
          else hit.argument(firing, i, place.name);
        }
      },
    };
  }

  private returnSite(address: bigint): ProviderSite {
    const { name, result } = this.personality;
    return {
      address,
      probe: `syscall:${name}::return`,
      readsRegisters: true,
      judges: 'now',
      probeAt: (hit) => {
        const call = hit.read(result) ? this.calls.leave(hit, isError(hit)) : -1;
        return call < 0 ? 0 : this.returnIds[call]!;
      },
      setArgs: (firing, hit) => {
        firing.clearArgs();
        const def: RegisterDef = REGISTERS[result];
        if (def.lowBits === 32) hit.argument32(firing, 0, result);
        else hit.argument(firing, 0, result);
        hit.put(firing, 1, true);
      },
      setErrno: (firing, hit) => {
        hit.read(result);
        setErrno(firing, hit);
      },
    };
  }

  account(): SyscallAccount | undefined {
    const { entries, returns, paired } = this.calls;
    if (!this.pairs && this.unknown === 0) return undefined;
    return {
      personality: this.personality.name,
      entries,
      returns,
      unreturned: entries - paired,
      strays: returns - paired,
      unknown: this.unknown,
    };
  }
}

/** An SVC of the kernel's own is no system call; of x86, a gate's INT is taken from wherever it comes. */
function isUser({ batch: { memory, at, architecture }, row }: Hit): boolean {
  return memory.u8[at.cpl + row] === USER_LEVELS[architecture];
}

function indexOf({ vector, architecture }: Extract<SyscallWay['at'], { kind: 'vector' }>): number {
  return vecProbeIndex(vector, EVENT_FLAGS.SOFT, ARCHITECTURE_IDS[architecture ?? 'x86']);
}

/** Whether the value read last is -1 … -4095. */
function isError({ low, high }: Hit): boolean {
  return high === -1 && low < 0 && low >= -MOST_ERRNO;
}

function setErrno(firing: Firing, hit: Hit): void {
  const { i32 } = hit.batch.memory;
  const at = (firing.at + FIRING.errno) >> 2;
  i32[at] = isError(hit) ? -hit.low : 0;
  i32[at + 1] = 0;
}
