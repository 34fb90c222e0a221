/** Why a description that looks right matches nothing here, and which source would give it (design section 1). */
import type { ProbePattern } from '../dif/program.ts';

const LIVE =
  'a QEMU interrupt log does not show it; a live guest (--attach) or the built-in machine (--machine) would';

const VECTOR_NAMES = 'vec:::0x00 to vec:::0xff, or a mnemonic as in vec::page_fault:; trapline -l lists them';

/** A hint for a description without probes, or undefined when nothing better than the message can be said. */
export function absentProbeHint(pattern: ProbePattern, hasTrace: boolean): string | undefined {
  const { provider, name } = pattern;
  if (provider === 'fbt' || provider === 'syscall') return LIVE;
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
