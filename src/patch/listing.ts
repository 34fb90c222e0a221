/**
 * The site table as a user reads it: one line per site and probe, in the order of addresses.
 *
 *   ADDRESS           PATCH  BYTES        METHOD    STATE    HITS  WITHHELD  INSTRUCTION     PROBE
 *   ffffffff80101470  cc     55           emulated  armed      67         0  push %rbp       fbt:kernel:fib:entry
 *
 * BYTES are the guest's own, all of the displaced instruction; PATCH is what stands in the place of the first. A site that was
 * refused, or dropped before its time, has a second line with the reason.
 */
import { INT3, type Site } from './sites.ts';

const HEADING = ['ADDRESS', 'PATCH', 'BYTES', 'LENGTH', 'METHOD', 'STATE', 'HITS', 'WITHHELD', 'INSTRUCTION'];
/** Columns whose values are numbers. */
const RIGHT: ReadonlySet<string> = new Set(['LENGTH', 'HITS', 'WITHHELD']);

export function siteListing(sites: readonly Site[]): string {
  const rows = sites.map(cells);
  const widths = HEADING.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (row: readonly string[], last: string): string => {
    const padded = row.map((cell, column) =>
      RIGHT.has(HEADING[column]!) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    );
    return `${[...padded, last].join('  ')}\n`;
  };
  const lines = sites.flatMap((site, index) => [
    ...site.probes.map((probe) => line(rows[index]!, probe)),
    ...(needsReason(site) ? [`    ${site.why}\n`] : []),
  ]);
  return [line(HEADING, 'PROBE'), ...lines].join('');
}

function cells({ address, displaced, method, state, hits, withheld }: Site): string[] {
  const bytes = displaced?.bytes ?? new Uint8Array(0);
  return [
    address.toString(16).padStart(16, '0'),
    state === 'armed' ? hexOf(INT3) : '',
    [...bytes].map(hexOf).join(' '),
    bytes.length === 0 ? '' : String(bytes.length),
    method ?? '',
    state,
    String(hits),
    String(withheld),
    displaced?.text ?? '',
  ];
}

const hexOf = (byte: number): string => byte.toString(16).padStart(2, '0');

/** A removed site whose probe was turned off says nothing that its state does not. */
function needsReason({ state, why }: Site): boolean {
  return state === 'refused' || (state !== 'armed' && why !== 'removed');
}
