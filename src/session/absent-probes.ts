/** Why a description that looks right matches nothing here, and which source would give it (design section 1). */
import { nearest } from '../diag/nearest.ts';
import type { ProbeName } from '../dif/consumer-contract.ts';
import type { ProbePattern } from '../dif/program.ts';

const LIVE =
  'a QEMU interrupt log does not show it; a live guest (--attach) or the built-in machine (--machine) would';
const SYMBOLS =
  "it takes the kernel's symbols: --symbols vmlinuz, a vmlinux, or the guest's /proc/kallsyms; trapline -l -n 'fbt::vfs_*:' then lists functions";
const CODE =
  'where functions return is known from their code, which kallsyms and System.map do not have: --symbols vmlinuz';
const NOT_THERE = "the symbols have no function of that name; trapline -l -n 'fbt::vfs_*:' lists some";
const NO_CALL =
  'the names are those of the table for linux64 and linux32, or sys_NNN; SYSCALL and returns are seen only with symbols and code: --symbols vmlinuz';

const POINTS: Readonly<Record<string, string>> = {
  qemu: 'QEMU logs trace events with -trace NAME -msg timestamp=on',
  sdt: "sdt probes are those of a kernel's own trace: name it with -t FILE, and its form with -x format=FILE",
  ftrace:
    "ftrace probes are those of Linux' own trace: name the file of tracefs, or what trace-cmd report prints, with -t FILE",
};
const VECTOR_NAMES = 'vec:::0x00 to vec:::0xff, or a mnemonic as in vec::page_fault:; trapline -l lists them';

/** What names many probes, or one that is made when asked for: nothing that is mistyped. */
const GLOB_OR_RATE = /[*?[\\]|^(tick|profile)-/;
const FIELDS = ['provider', 'module', 'function', 'name'] as const;

/** The description that was probably meant, when one field of it is mistyped; `matches` tells which ones there are. */
export function nearDescription(
  pattern: ProbePattern,
  probes: readonly ProbeName[],
  matches: (pattern: ProbePattern) => boolean,
): string | undefined {
  for (const field of FIELDS) {
    const typed = pattern[field];
    if (typed === '' || GLOB_OR_RATE.test(typed)) continue;
    const known = new Set(probes.map((probe) => probe[field]));
    if (known.has(typed)) continue;
    const upper = typed.toUpperCase();
    const best = known.has(upper) ? upper : (nearest(typed, known) ?? nearest(upper, known));
    if (best === undefined) continue;
    const meant = { ...pattern, [field]: best };
    const text = FIELDS.map((each) => meant[each]).join(':');
    if (matches({ ...meant, text })) return text.replace(/^:+/, '');
  }
  return undefined;
}

/** A hint for a description without probes, or undefined when nothing better than the message can be said. */
export function absentProbeHint(
  pattern: ProbePattern,
  hasTrace: boolean,
  hasSymbols = false,
): string | undefined {
  const { provider, name } = pattern;
  if (provider === 'fbt' || provider === 'syscall')
    return hasTrace ? codeHint(pattern, hasSymbols) : 'name a trace with -t FILE, or start a guest with -c';
  if (Object.hasOwn(POINTS, provider)) return POINTS[provider];
  if (provider === 'vec' && name === 'return') return LIVE;
  if (provider === 'vec' && Number(name) > 255) return VECTOR_NAMES;
  const ofTrace = ['vec', 'cpu', 'guest', 'exec'].includes(provider) || /^(0x[0-9a-f]+)$/i.test(name);
  if (ofTrace && !hasTrace) return 'name a trace with -t FILE';
  if (provider === 'vec')
    return 'vec:::0x00 to vec:::0xff, or a mnemonic as in vec::page_fault:; trapline -l lists them';
  if (/^(tick|profile)-/.test(name))
    return 'a rate is a number with ns us ms s m h d or hz, at most 5000hz: tick-1s, profile-97';
  return 'trapline -l -t FILE lists the probes there are';
}

function codeHint({ provider, name }: ProbePattern, hasSymbols: boolean): string {
  if (provider === 'syscall') return NO_CALL;
  if (!hasSymbols) return SYMBOLS;
  return name === 'return' ? `${CODE}; or there is no such function` : NOT_THERE;
}
