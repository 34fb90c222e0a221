/** What the enabled code probes ask of the source: event columns, and a live kernel that lies where its file says. */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { QemuFacts } from '../live/qemu-command.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import type { WatchedSites } from '../providers/enabled-sites.ts';
import { readWholeFile } from '../sources/whole-file.ts';

/** Sites are told by their pc; their arguments, the stack and the caller's flags are registers. */
export function siteNeeds(needs: SourceNeeds, { sites, traps }: WatchedSites): SourceNeeds {
  if (sites.length + traps.length === 0) return needs;
  return { ...needs, pc: needs.pc || sites.length > 0, registers: true };
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
