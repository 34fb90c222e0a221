/** Network addresses as text, from bytes in network order. */

export function inet4Text(u8: Uint8Array, at: number): string {
  return `${u8[at]}.${u8[at + 1]}.${u8[at + 2]}.${u8[at + 3]}`;
}

/** RFC 1884 text: lower-case groups, the longest run of zeros as `::`, IPv4 in the tail where IPv4 is embedded. */
export function inet6Text(u8: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => (u8[at + i * 2]! << 8) | u8[at + i * 2 + 1]!);
  const run = longestZeroRun(groups);
  const mapped = run.start === 0 && run.length === 5 && groups[5] === 0xffff;
  // Six groups of zeros, but not :: and ::1, which are no IPv4 addresses.
  const compatible = run.start === 0 && run.length >= 6 && (groups[6] !== 0 || groups[7]! > 1);
  if (mapped || compatible) return `::${mapped ? 'ffff:' : ''}${inet4Text(u8, at + 12)}`;
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return text(groups);
  return `${text(groups.slice(0, run.start))}::${text(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}

export function ethernetText(u8: Uint8Array, at: number): string {
  return hexBytes(u8, at, 6);
}

export function infinibandText(u8: Uint8Array, at: number): string {
  return hexBytes(u8, at, 20);
}

function hexBytes(u8: Uint8Array, at: number, count: number): string {
  return Array.from({ length: count }, (_, i) => u8[at + i]!.toString(16).padStart(2, '0')).join(':');
}
