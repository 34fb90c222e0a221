/**
 * What the enabled probes ask of the source: event columns, a live kernel that lies where its file says, and memory at the
 * places where clauses read it.
 */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { Clause, Program } from '../dif/program.ts';
import type { Probe } from '../engine/probes.ts';
import type { QemuFacts } from '../live/qemu-command.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import type { CodeSite } from '../machine/sites.ts';
import type { WatchedSites } from '../providers/enabled-sites.ts';
import { readWholeFile } from '../sources/whole-file.ts';
import type { ProgramText } from './request.ts';
import { asksForStack } from './stacks.ts';

/** Provider, function or name fields that a code probe may match: spelled out, a pattern, or left empty. */
const CODE_WORDS = /\b(fbt|syscall|entry|return)\b|(^|[\s,;{}/>])(:[^\s:]*:|[^\s:,;{}/]*[*?[][^\s:,;{}/]*:)/m;

/** Whether a program may name a code probe. A module's or function's name always may; so may a list of everything. */
export function mayNameCode(programs: readonly ProgramText[]): boolean {
  return (
    programs.length === 0 ||
    programs.some(({ kind, text }) => kind === 'module' || kind === 'function' || CODE_WORDS.test(text))
  );
}

/** Whether a program may name QEMU's trace events: only if it says so, since looking for them takes reading the whole log. */
export function mayNameTraceEvents(programs: readonly ProgramText[]): boolean {
  return programs.length === 0 || programs.some(({ text }) => /\bqemu\b/.test(text));
}

/** Sites are told by their pc; their arguments, the stack and the caller's flags are registers. */
export function siteNeeds(needs: SourceNeeds, { sites, traps }: WatchedSites): SourceNeeds {
  if (sites.length + traps.length === 0) return needs;
  return { ...needs, pc: needs.pc || sites.length > 0, registers: true };
}

/** What a program reads of a hit beyond where it was, on which CPU, and when. */
export function readsOfHit({ registers, args, sp, cpl }: SourceNeeds): string | undefined {
  if (args) return 'arguments';
  if (registers || sp) return 'registers';
  return cpl ? 'the privilege level' : undefined;
}

/** Providers whose events an interrupt log has. */
export const LOGGED_PROVIDERS: ReadonlySet<string> = new Set(['vec', 'cpu', 'guest']);

/** Providers whose probes are places in code. */
const CODE_PROVIDERS: ReadonlySet<string> = new Set(['fbt', 'syscall']);

/** Which clauses read the guest's memory. */
export interface MemoryReaders {
  readonly any: boolean;
  readonly readsAt: (site: CodeSite) => boolean;
  readonly keepsThreads: boolean;
  /** A probe of an interrupt log's whose clause does; its events are past when they are seen. */
  readonly logged: string | undefined;
}

export function memoryReaders(
  programs: readonly Program[],
  probesOf: (program: Program, clause: number) => readonly Probe[],
): MemoryReaders {
  const probesWith = (asks: (clause: Clause) => boolean): Probe[] =>
    programs.flatMap((program) =>
      program.clauses.filter(asks).flatMap(({ index }) => probesOf(program, index)),
    );
  const readers = probesWith((clause) => clause.readsMemory ?? false);
  const logged = readers.find(({ provider }) => LOGGED_PROVIDERS.has(provider));
  const isCode = ({ provider }: Probe): boolean => CODE_PROVIDERS.has(provider);
  const probes = [...readers, ...probesWith(asksForStack).filter(isCode)];
  const places = new Set(probes.map(placeName));
  // Thread-local variables are their threads' only where memory says which thread runs: then at every site.
  const keepsThreads = programs.some(({ variables }) => variables.some(({ scope }) => scope === 'thread'));
  return {
    any: probes.length > 0,
    keepsThreads,
    readsAt: ({ probe }) => (keepsThreads && probes.length > 0) || places.has(probe),
    logged:
      logged && `${logged.provider}::${logged.provider === 'vec' ? '' : logged.function}:${logged.name}`,
  };
}

/** The site that fires a probe, as sites are named: all system calls of a kernel share theirs. */
function placeName({ provider, module, function: func, name }: Probe): string {
  return `${provider}:${module}:${provider === 'syscall' ? '' : func}:${name}`;
}

/** Places must be known before a guest runs, and a Linux that is booted moves itself unless it is told not to. */
export async function whyMoved(
  { sites }: WatchedSites,
  facts: QemuFacts | undefined,
  symbols: readonly string[],
): Promise<Diagnostic | undefined> {
  const [first] = sites;
  if (first === undefined || facts?.kernel === undefined) return undefined;
  const isTold = symbols.some((text) => BASE.test(text));
  if (isTold || / nokaslr /.test(` ${facts.append} `)) return undefined;
  const bytes = await readWholeFile(facts.kernel);
  const { isLinuxImage } = await import('../symbols/linux-image.ts');
  if (typeof bytes === 'string' || !isLinuxImage(bytes)) return undefined;
  return diagnostic('U_LIVE_MOVED', undefined, { probe: first.probe });
}

/** FILE@0xADDR and FILE@+0xOFFSET. */
const BASE = /@[+-]?0x[0-9a-f]+$/i;
