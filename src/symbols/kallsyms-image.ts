/**
 * The kallsyms tables in a Linux kernel's image → a listing like /proc/kallsyms, without asking the running kernel.
 *
 * The tables (scripts/kallsyms.c) have no header and no symbol that says where they are, so they are found by what
 * they must look like:
 *   token table   256 NUL-ended strings; digits stand for themselves, so "0\0001\000 … 9\000" lies in the middle of it;
 *                 the u16 token index behind it must point at its strings
 *   names         a count, then per symbol a length (1 byte, or 2 with the top bit set: since 6.1) and as many tokens;
 *                 the first character of the expanded name is the type. Markers (the offset of each 256th name) follow
 *   addresses     in front of the count: i32 offsets and their base (4.6 to 6.3), or u64 addresses (before); since 6.4
 *                 behind the token index. With per-CPU symbols, offsets are negative and those not negative are absolute
 */

/** Lines `ADDRESS TYPE NAME`, or undefined when no such tables are found. */
export function kallsymsOf(image: Uint8Array): string | undefined {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const tokens = findTokens(image, view);
  if (!tokens) return undefined;
  const names = findNames(image, view, tokens);
  if (!names) return undefined;
  const addresses = addressesBefore(view, names) ?? addressesBehind(view, names, tokens);
  return addresses && listing(image, tokens, names, addresses);
}

interface Tokens {
  readonly at: number; // of the table
  readonly end: number; // behind the index
  readonly texts: readonly string[];
}

const align = (offset: number, to: number): number => Math.ceil(offset / to) * to;
const DIGITS = new Uint8Array([...'0123456789'].flatMap((digit) => [digit.charCodeAt(0), 0]));
const FIRST_DIGIT = 0x30;
const TOKEN_COUNT = 256;

function findTokens(image: Uint8Array, view: DataView): Tokens | undefined {
  const haystack = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  for (let at = haystack.indexOf(DIGITS); at >= 0; at = haystack.indexOf(DIGITS, at + 1)) {
    const found = tokensAround(haystack, view, at);
    if (found) return found;
  }
  return undefined;
}

/** The table whose string for '0' begins at `digits`. */
function tokensAround(image: Buffer, view: DataView, digits: number): Tokens | undefined {
  let end = digits;
  for (let token = FIRST_DIGIT; token < TOKEN_COUNT; token++) {
    end = image.indexOf(0, end) + 1;
    if (end === 0 || end - digits > 0x10000) return undefined;
  }
  const index = align(end, 8);
  if (index + 2 * TOKEN_COUNT > image.length) return undefined;
  const at = digits - view.getUint16(index + 2 * FIRST_DIGIT, true);
  if (at < 0) return undefined;
  const texts: string[] = [];
  let p = at;
  for (let token = 0; token < TOKEN_COUNT; token++) {
    if (view.getUint16(index + 2 * token, true) !== p - at) return undefined;
    const stop = image.indexOf(0, p);
    texts.push(image.toString('latin1', p, stop));
    p = stop + 1;
  }
  return { at, end: index + 2 * TOKEN_COUNT, texts };
}

interface Names {
  readonly at: number; // of the count
  readonly count: number;
  readonly first: number; // of the first name
}

const MIN_SYMBOLS = 512;
const MAX_SYMBOLS = 1 << 22;
/** Names, markers and sequence numbers lie between the count and the token table. */
const MAX_NAMES_BYTES = 64 << 20;
const NAMES_PER_MARKER = 256;

function findNames(image: Uint8Array, view: DataView, tokens: Tokens): Names | undefined {
  const lowest = Math.max(tokens.at - MAX_NAMES_BYTES, 0);
  for (let at = align(tokens.at - 4, 4) - 4; at >= lowest; at -= 4) {
    const count = view.getUint32(at, true);
    if (count < MIN_SYMBOLS || count > MAX_SYMBOLS || at + 4 + 2 * count > tokens.at) continue;
    // The count fills four bytes, the names begin at the next multiple of eight.
    const names = { at, count, first: align(at + 4, 8) };
    if (haveMarkers(image, view, names, tokens)) return names;
  }
  return undefined;
}

/** Whether as many names as counted lie here, and markers for them behind. */
function haveMarkers(image: Uint8Array, view: DataView, names: Names, tokens: Tokens): boolean {
  const { count, first } = names;
  const starts: number[] = [];
  let p = first;
  for (let i = 0; i < count; i++) {
    if (i % NAMES_PER_MARKER === 0) starts.push(p - first);
    const length = image[p]!;
    p += length < 0x80 ? 1 + length : 2 + ((length & 0x7f) | (image[p + 1]! << 7));
    if (length === 0 || p > tokens.at) return false;
    // Cheap rejection of what is no name list: a second marker that stands nowhere near.
  }
  for (const alignment of [4, 8]) {
    const markers = align(p, alignment);
    if (markers + 4 * starts.length > tokens.at) continue;
    if (starts.every((start, i) => view.getUint32(markers + 4 * i, true) === start)) return true;
  }
  return false;
}

/** Whether a base of relative addresses is a kernel's. */
const isKernelAddress = (address: bigint): boolean => address >= 0xffff800000000000n;

function addressesBefore(view: DataView, { at, count }: Names): BigUint64Array | undefined {
  const top = align(at - 7, 8);
  const base = view.getBigUint64(top - 8, true);
  const offsets = top - 8 - align(4 * count, 8);
  if (offsets >= 0 && isKernelAddress(base)) {
    const relative = relativeAddresses(view, offsets, count, base);
    if (relative) return relative;
  }
  const absolute = top - 8 * count;
  if (absolute < 0) return undefined;
  return ascending(
    BigUint64Array.from({ length: count }, (_, i) => view.getBigUint64(absolute + 8 * i, true)),
  );
}

function addressesBehind(view: DataView, { count }: Names, tokens: Tokens): BigUint64Array | undefined {
  const offsets = align(tokens.end, 8);
  const baseAt = offsets + align(4 * count, 8);
  if (baseAt + 8 > view.byteLength) return undefined;
  const base = view.getBigUint64(baseAt, true);
  return isKernelAddress(base) ? relativeAddresses(view, offsets, count, base) : undefined;
}

function relativeAddresses(
  view: DataView,
  at: number,
  count: number,
  base: bigint,
): BigUint64Array | undefined {
  let negative = 0;
  for (let i = 0; i < count; i++) if (view.getInt32(at + 4 * i, true) < 0) negative++;
  const hasPerCpu = negative > count / 2;
  const address = (offset: number): bigint => {
    if (!hasPerCpu) return base + BigInt(offset >>> 0);
    return offset < 0 ? base - 1n - BigInt(offset) : BigInt(offset);
  };
  return ascending(
    BigUint64Array.from({ length: count }, (_, i) =>
      BigInt.asUintN(64, address(view.getInt32(at + 4 * i, true))),
    ),
  );
}

/** The tables are sorted by address, which is the best sign that these are the tables. */
function ascending(addresses: BigUint64Array): BigUint64Array | undefined {
  let inversions = 0;
  for (let i = 1; i < addresses.length; i++) if (addresses[i]! < addresses[i - 1]!) inversions++;
  return inversions <= 1 && addresses[addresses.length - 1]! > 0n ? addresses : undefined;
}

function listing(image: Uint8Array, tokens: Tokens, names: Names, addresses: BigUint64Array): string {
  const lines: string[] = [];
  let p = names.first;
  for (let i = 0; i < names.count; i++) {
    const short = image[p]! < 0x80;
    const length = short ? image[p]! : (image[p]! & 0x7f) | (image[p + 1]! << 7);
    p += short ? 1 : 2;
    let text = '';
    for (const end = p + length; p < end; p++) text += tokens.texts[image[p]!]!;
    lines.push(`${addresses[i]!.toString(16).padStart(16, '0')} ${text[0]} ${text.slice(1)}\n`);
  }
  return lines.join('');
}
