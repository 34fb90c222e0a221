/** The lines a session says on stderr about itself: what matched, what was withheld, what was lost. */
import type { Options } from '../dif/options.ts';
import type { TierReport } from '../engine/engine-contract.ts';
import type { Probe, ProbeTable } from '../engine/probes.ts';
import type { Plan } from '../live/plan.ts';
import { type Ledger, LOSS_KINDS, type LossKind } from '../machine/ledger.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import type { CodeSite } from '../machine/sites.ts';
import type { SafeMode } from '../providers/safe-mode.ts';
import type { Patching } from './patching.ts';
import type { CommandEnd, ProgramText } from './request.ts';
import type { SiteAccounts } from './sites.ts';

export const PREFIX = 'trapline: ';

/** `pid 1234 exited with status 1` */
export function commandNotice(pid: number, { status, signal }: CommandEnd): string {
  if (signal !== null) return `${PREFIX}pid ${pid} terminated by ${signal}\n`;
  return `${PREFIX}pid ${pid} ${status ? `exited with status ${status}` : 'has exited'}\n`;
}

/** `description 'BEGIN ' matched 1 probe`: the text up to its predicate or body, trailing blank kept. */
export function matchedNotice(text: ProgramText, count: number): string {
  const what =
    text.kind === 'script' ? `script '${text.name}'` : `description '${cropDescription(text.text)}'`;
  return `${PREFIX}${what} matched ${plural(count, 'probe')}\n`;
}

/** `script x.d` or `description BEGIN`, as -v heads its report. */
export function describeProgram(text: ProgramText): string {
  return text.kind === 'script' ? `script ${text.name}` : `description ${cropDescription(text.text).trim()}`;
}

/** -v: how a run is carried out. */
export function planNotice(clock: string, needs: SourceNeeds): string {
  const columns = Object.entries(needs).filter(([, isNeeded]) => isNeeded === true);
  const names = columns.map(([name]) => name).join(' ') || 'none';
  return `${PREFIX}clock: ${clock}\n${PREFIX}event columns decoded: ${names}\n`;
}

/** -v: `tier: 3 clauses fast, 1 interpreted (speculates), events one by one (code probes)` */
export function tierNotice({ fast, interpreted, oneByOne }: TierReport): string {
  const reasons = [...interpreted].map(([reason, count]) => `${count} interpreted (${reason})`);
  const pace = oneByOne === undefined ? [] : [`events one by one (${oneByOne})`];
  return `${PREFIX}tier: ${[`${plural(fast, 'clause')} fast`, ...reasons, ...pace].join(', ')}\n`;
}

function cropDescription(text: string): string {
  const end = text.search(/[{/;<]/);
  return end === -1 ? text : text.slice(0, end);
}

export const LIST_HEADING = listRow('ID', 'PROVIDER', 'MODULE', 'FUNCTION', 'NAME');

export function listProbe(probe: Probe): string {
  return listRow(String(probe.id), probe.provider, probe.module, probe.function, probe.name);
}

function listRow(id: string, provider: string, module: string, func: string, name: string): string {
  return `${id.padStart(5)} ${provider.padStart(10)} ${module.padStart(17)} ${func.padStart(33)} ${name}\n`;
}

/** `safe mode withheld 1284 firings with interrupts disabled (vec:::0x0e 1200, …); --unsafe traces them` */
export function withheldNotice(safe: SafeMode, probes: ProbeTable): string {
  const named = safe.byProbe().map((row) => `${shortName(probes.get(row.probeId))} ${row.count}`);
  const shown =
    named.length > MAX_NAMED ? [...named.slice(0, MAX_NAMED), `${named.length - MAX_NAMED} more`] : named;
  return `${PREFIX}safe mode withheld ${plural(safe.total, 'firing')} with interrupts disabled (${shown.join(', ')}); --unsafe traces them\n`;
}

/** More probes than this in one line help nobody. */
const MAX_NAMED = 8;

/** The shortest description that names the probe: `vec:::0x0e`. */
function shortName(probe: Probe | undefined): string {
  if (!probe) return '?';
  return probe.provider === 'vec'
    ? `vec:::${probe.name}`
    : `${probe.provider}::${probe.function}:${probe.name}`;
}

/** In this order whatever the input, and other lines by name: when one is noticed depends on how it is scanned. */
const LOSSES = Object.keys(LOSS_KINDS) as LossKind[];

/** One line when anything of the input was lost; with `always`, the whole account. */
export function ledgerNotice(name: string, ledger: Ledger, always: boolean): string {
  const losses = LOSSES.flatMap((kind) => {
    const loss = ledger.losses.get(kind);
    if (!loss) return [];
    const place = loss.first ? ` (first at ${loss.first.file}:${loss.first.line})` : '';
    const [one, several] = LOSS_KINDS[kind];
    if (kind === 'dropped')
      return `${loss.count} ${loss.count === 1 ? one : several}, ${dropsByCpu(ledger)}${place}`;
    return `${loss.count} ${loss.count === 1 ? one : several}, ${plural(loss.bytes, 'byte')}${place}`;
  });
  if (!always) return losses.length === 0 ? '' : `${PREFIX}${name}: lost ${losses.join('; ')}\n`;
  const repaired = ledger.repaired === 0 ? '' : `, ${ledger.repaired} of them torn and put together whole`;
  const others = [...ledger.nonEvents].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = [
    `${PREFIX}ledger of ${name}: ${plural(ledger.totalBytes, 'byte')}`,
    `  ${plural(ledger.events, 'event')}, ${plural(ledger.eventBytes, 'byte')}${repaired}`,
    ...others.map(([kind, row]) => `  ${row.count} ${kind}, ${plural(row.bytes, 'byte')}`),
    ...losses.map((text) => `  lost: ${text}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** `CPU 0: 3, CPU 1: 2` */
function dropsByCpu({ guestDrops }: Ledger): string {
  const rows = [...guestDrops].sort(([a], [b]) => a - b);
  return rows.map(([cpu, count]) => (cpu < 0 ? `of some CPU: ${count}` : `CPU ${cpu}: ${count}`)).join(', ');
}

/** `cleaning rate reduced to 5000 hz`: rates that were asked for and cannot be. */
export function rateNotices(options: Options): string {
  const lines = options.entries().map(({ def, value, explicit }) => {
    const { bounds } = def;
    if (bounds === undefined || !explicit || typeof value !== 'number') return '';
    const taken = Math.min(Math.max(value, bounds.least), bounds.most);
    if (taken === value) return '';
    const direction = taken > value ? 'reduced' : 'increased';
    return `${PREFIX}${bounds.called} ${direction} to ${rateText(taken)}\n`;
  });
  return lines.join('');
}

function rateText(ns: number): string {
  if (ns <= NS_PER_SECOND && NS_PER_SECOND % ns === 0) return `${NS_PER_SECOND / ns} hz`;
  return ns % NS_PER_SECOND === 0
    ? `once every ${ns / NS_PER_SECOND} seconds`
    : `once every ${ns} nanoseconds`;
}

const NS_PER_SECOND = 1e9;

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The channels of a live guest, with -v. */
export function channelNotice(plan: Plan): string {
  return plan.lines.map((line) => `${PREFIX}plan: ${line}\n`).join('');
}

/** Entries and returns that do not belong together, with -v and -x ledger. */
export function pairNotices(accounts: SiteAccounts | undefined): string {
  if (accounts === undefined) return '';
  const seen = accounts.functions.filter(({ entries, returns }) => entries + returns > 0);
  seen.sort((a, b) => b.entries - a.entries);
  const functions = seen.map(
    (row) =>
      `fbt:${row.function}: ${counts(row.entries, row.returns)}; ${row.left} entries left another way (tail calls), ${row.open} still inside, ${row.strays} returns without an entry`,
  );
  const calls = accounts.calls.map(
    (row) =>
      `syscall:${row.personality}: ${counts(row.entries, row.returns)}; ${row.unreturned} entries without a return, ${row.strays} returns without an entry, ${row.unknown} calls by numbers that have no probe`,
  );
  const shown = functions.slice(0, MAX_ACCOUNTS);
  if (functions.length > shown.length) shown.push(`fbt: ${functions.length - shown.length} more functions`);
  return [...shown, ...calls].map((line) => `${PREFIX}${line}\n`).join('');
}

/** Functions accounted for by name. */
const MAX_ACCOUNTS = 20;

const counts = (entries: number, returns: number): string => `${entries} entries, ${returns} returns`;

/** A log that holds nothing of what code probes fire on. */
export function noBlocksNotice(name: string, sites: readonly CodeSite[]): string {
  const addresses = [...new Set(sites.map(({ address }) => address))];
  const ranges = addresses.slice(0, MAX_RANGES).map((address) => `0x${address.toString(16)}+1`);
  const more = addresses.length > MAX_RANGES ? ',...' : '';
  return `${PREFIX}${name} has no records of code that was run, so no fbt or syscall probe could fire there; QEMU writes them with -d exec,cpu -dfilter ${ranges.join(',')}${more}\n`;
}

/** QEMU is fast with no more of them. */
const MAX_RANGES = 14;

/** A started guest stops where clauses read its memory, or the log cannot show the code, which may be slower than expected. */
export function stopNotice({ stops, readsMemory }: Plan): string {
  if (stops.length === 0) return '';
  const places = stops.length === 1 ? 'at 1 place' : `at ${stops.length} places`;
  const why = readsMemory ? "clauses read the guest's memory" : 'the log cannot show all of this code';
  return `${PREFIX}${why}, so it stops ${places} at each hit: some 50 to 80 hits a second on a large guest\n`;
}

/** Of a guest that is attached to. */
export const NO_TRAPS_NOTICE = `${PREFIX}system calls by INT are not seen through a gdb stub; the others are\n`;

/** What a run with breakpoints has to say on stderr: with -v the table, and always what was injected and how it went. */
export function patchNotices(patching: Patching, verbose: boolean, inject: string | undefined): string {
  const { counts } = patching;
  const lines = verbose ? [patching.listing] : [];
  if (inject !== undefined) {
    const injected = [...patching.injected].map(([kind, count]) => `${kind} ${count}`).join(', ');
    lines.push(
      `trapline: injected: ${injected}; ${counts.steps} steps, ${counts.lostSteps} lost and recovered, ` +
        `${counts.undone} begun again, ${counts.deferred} sites removed under a CPU, ${counts.overwritten} overwritten\n`,
    );
  }
  return lines.join('');
}
