/**
 * The kallsyms tables in a Linux kernel's image → a listing like /proc/kallsyms, without asking the running kernel.
 *
 * The tables (scripts/kallsyms.c) have no header and no symbol that says where they are, so they are found by what
 * they must look like:
 *   token table   256 NUL-ended strings; digits stand for themselves, so "0\0001\000 … 9\000" lies in the middle of it;
 *                 the u16 token index behind it must point at its strings
 *   names         a count, then per symbol a length (1 byte, or 2 with the top bit set: since 6.1) and as many tokens;
 *                 the first character of the expanded name is the type. Markers (the offset of each 256th name) follow
 *   addresses     in front of the count: i32 offsets and their base (4.6 to 6.3), or whole addresses (before); since 6.4
 *                 behind the token index. With per-CPU symbols, offsets are negative and those not negative are absolute
 * Each table begins at a multiple of the kernel's word. Any bytes have an answer, in bounded time: what is looked at
 * before giving up is limited.
 */

/** Lines `ADDRESS TYPE NAME`, or undefined when no such tables are found. */
export function kallsymsOf(elf: Uint8Array): string | undefined {
  const image: Image = {
    bytes: Buffer.from(elf.buffer, elf.byteOffset, elf.byteLength),
    view: new DataView(elf.buffer, elf.byteOffset, elf.byteLength),
    wordBytes: elf[ELF_CLASS_AT] === ELF_CLASS_32 ? 4 : 8,
  };
  const tokens = findTokens(image);
  const names = tokens && findNames(image, tokens);
  if (!names) return undefined;
  const addresses = addressesBefore(image, names) ?? addressesBehind(image, names, tokens);
  return addresses && listing(image, tokens, names, addresses);
}

const ELF_CLASS_AT = 4;
const ELF_CLASS_32 = 1;

interface Image {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly wordBytes: 4 | 8;
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
/** A kernel has one such place, or a few. */
const MAX_DIGIT_PLACES = 1000;
/** Tokens are parts of names, so they are far shorter in sum. */
const MAX_TOKEN_BYTES = 0x10000;

function findTokens(image: Image): Tokens | undefined {
  let at = image.bytes.indexOf(DIGITS);
  for (let i = 0; i < MAX_DIGIT_PLACES && at >= 0; i++) {
    const found = tokensAround(image, at);
    if (found) return found;
    at = image.bytes.indexOf(DIGITS, at + 1);
  }
  return undefined;
}

/** The table whose string for '0' begins at `digits`. */
function tokensAround({ bytes, view, wordBytes }: Image, digits: number): Tokens | undefined {
  let end = digits;
  for (let token = FIRST_DIGIT; token < TOKEN_COUNT; token++) {
    end = bytes.indexOf(0, end) + 1;
    if (end === 0 || end - digits > MAX_TOKEN_BYTES) return undefined;
  }
  const index = align(end, wordBytes);
  if (index + 2 * TOKEN_COUNT > bytes.length) return undefined;
  const at = digits - view.getUint16(index + 2 * FIRST_DIGIT, true);
  if (at < 0) return undefined;
  const texts: string[] = [];
  for (let token = 0, p = at; token < TOKEN_COUNT; token++) {
    if (view.getUint16(index + 2 * token, true) !== p - at) return undefined;
    const stop = bytes.indexOf(0, p);
    texts.push(bytes.toString('latin1', p, stop));
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
/** Lengths looked at in search of the names: a tenth of a second. A Debian kernel takes a hundredth of them. */
const MAX_LENGTHS = 1 << 25;

function findNames(image: Image, tokens: Tokens): Names | undefined {
  const { view, wordBytes } = image;
  const lowest = Math.max(tokens.at - MAX_NAMES_BYTES, 0);
  const budget = { lengths: MAX_LENGTHS };
  for (let at = align(tokens.at, 4) - 8; at >= lowest && budget.lengths > 0; at -= 4) {
    const count = view.getUint32(at, true);
    if (count < MIN_SYMBOLS || count > MAX_SYMBOLS || at + 4 + 2 * count > tokens.at) continue;
    // The count fills four bytes, the names begin at the next word.
    const names = { at, count, first: align(at + 4, wordBytes) };
    if (haveMarkers(image, names, tokens, budget)) return names;
  }
  return undefined;
}

/** Whether as many names as counted lie here, and markers for them behind. */
function haveMarkers(
  { bytes, view }: Image,
  names: Names,
  tokens: Tokens,
  budget: { lengths: number },
): boolean {
  const { count, first } = names;
  const starts: number[] = [];
  let p = first;
  for (let i = 0; i < count; i++, budget.lengths--) {
    if (i % NAMES_PER_MARKER === 0) starts.push(p - first);
    const { head, tokenCount } = nameAt(bytes, p);
    p += head + tokenCount;
    if (tokenCount === 0 || p > tokens.at) return false;
  }
  for (const alignment of [4, 8]) {
    const markers = align(p, alignment);
    if (markers + 4 * starts.length > tokens.at) continue;
    if (starts.every((start, i) => view.getUint32(markers + 4 * i, true) === start)) return true;
  }
  return false;
}

/** The length of a name, in tokens, and how many bytes that takes. */
function nameAt(bytes: Uint8Array, at: number): { readonly head: 1 | 2; readonly tokenCount: number } {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return { head: 1, tokenCount: first };
  return { head: 2, tokenCount: (first & 0x7f) | ((bytes[at + 1] ?? 0) << 7) };
}

/** Kernels lie in the upper half of what their words reach. */
function isKernelAddress(address: bigint, wordBytes: 4 | 8): boolean {
  return wordBytes === 8 ? address >= 0xffff800000000000n : address >= 0x40000000n;
}

function wordAt({ view, wordBytes }: Image, at: number): bigint {
  return wordBytes === 8 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true));
}

function addressesBefore(image: Image, { at, count }: Names): BigUint64Array | undefined {
  const { wordBytes } = image;
  const top = at - (at % wordBytes);
  const base = top - wordBytes;
  const relative = relativeAddresses(image, base - align(4 * count, wordBytes), base, count);
  if (relative) return relative;
  const absolute = top - wordBytes * count;
  if (absolute < 0) return undefined;
  const read = (_: unknown, i: number): bigint => wordAt(image, absolute + wordBytes * i);
  return ascending(BigUint64Array.from({ length: count }, read));
}

function addressesBehind(image: Image, { count }: Names, tokens: Tokens): BigUint64Array | undefined {
  const offsets = align(tokens.end, image.wordBytes);
  return relativeAddresses(image, offsets, offsets + align(4 * count, image.wordBytes), count);
}

/** Addresses from offsets at `at`, relative to the word at `baseAt`. */
function relativeAddresses(
  image: Image,
  at: number,
  baseAt: number,
  count: number,
): BigUint64Array | undefined {
  const { view, wordBytes } = image;
  if (at < 0 || baseAt + wordBytes > view.byteLength) return undefined;
  const base = wordAt(image, baseAt);
  if (!isKernelAddress(base, wordBytes)) return undefined;
  let negative = 0;
  for (let i = 0; i < count; i++) if (view.getInt32(at + 4 * i, true) < 0) negative++;
  const hasPerCpu = wordBytes === 8 && negative > count / 2;
  const address = (offset: number): bigint => {
    if (!hasPerCpu) return base + BigInt(offset >>> 0);
    return offset < 0 ? base - 1n - BigInt(offset) : BigInt(offset);
  };
  const read = (_: unknown, i: number): bigint => address(view.getInt32(at + 4 * i, true));
  // What adds up to no address is a table of addresses, and the last of them is taken for a base.
  const reachesBeyond = wordBytes === 4 && read(undefined, count - 1) > 0xffffffffn;
  return reachesBeyond ? undefined : ascending(BigUint64Array.from({ length: count }, read));
}

/** The tables are sorted by address, which is the best sign that these are the tables. */
function ascending(addresses: BigUint64Array): BigUint64Array | undefined {
  let inversions = 0;
  for (let i = 1; i < addresses.length; i++) if (addresses[i]! < addresses[i - 1]!) inversions++;
  return inversions <= 1 && addresses[addresses.length - 1]! > 0n ? addresses : undefined;
}

function listing(
  { bytes, wordBytes }: Image,
  tokens: Tokens,
  names: Names,
  addresses: BigUint64Array,
): string {
  const lines: string[] = [];
  let p = names.first;
  for (let i = 0; i < names.count; i++) {
    const { head, tokenCount } = nameAt(bytes, p);
    p += head;
    let text = '';
    for (const end = p + tokenCount; p < end; p++) text += tokens.texts[bytes[p]!]!;
    if (text.length < 2) continue; // a damaged table
    lines.push(`${addresses[i]!.toString(16).padStart(2 * wordBytes, '0')} ${text[0]} ${text.slice(1)}\n`);
  }
  return lines.join('');
}
