/**
 * A Linux boot image (bzImage, as in /boot/vmlinuz-*) → the kernel's ELF file inside.
 *
 * In: the whole file. Out: the unpacked vmlinux, which has code, .BTF and the kallsyms tables (kallsyms-image.ts) but, in
 * distributions' kernels, no symbol table. Format: Documentation/arch/x86/boot.rst, fields setup_sects, payload_offset
 * and payload_length; the payload's last four bytes are its unpacked size. Compressions: gzip, xz, zstd, LZ4.
 *
 * The kernel's xz streams use the x86 branch filter, which the xz library does not know: the filter is taken out of the
 * block header and undone here (xz file format 1.1, sections 3.1 and 5.3.2).
 */
import { crc32, gunzipSync } from 'node:zlib';

const MAGIC_AT = 0x202; // "HdrS"
const SETUP_SECTORS_AT = 0x1f1;
const PROTOCOL_AT = 0x206;
const PROTOCOL_WITH_PAYLOAD = 0x208;
const PAYLOAD_AT = 0x248;
const SECTOR_BYTES = 512;
/** No kernel is larger; a damaged size must not ask for all memory. */
const MAX_UNPACKED_BYTES = 512 << 20;

export function isLinuxImage(bytes: Uint8Array): boolean {
  return bytes.length > PAYLOAD_AT + 8 && latin1(bytes, MAGIC_AT, 4) === 'HdrS';
}

/** The ELF file in a boot image, or a sentence that says why there is none. */
export async function unpackLinuxImage(bytes: Uint8Array): Promise<Uint8Array | string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(PROTOCOL_AT, true) < PROTOCOL_WITH_PAYLOAD)
    return 'it is of a boot protocol before 2.08, which does not tell where the kernel is';
  const start = ((bytes[SETUP_SECTORS_AT] || 4) + 1) * SECTOR_BYTES + view.getUint32(PAYLOAD_AT, true);
  const length = view.getUint32(PAYLOAD_AT + 4, true);
  if (length < 16 || start + length > bytes.length) return 'its payload is cut off';
  const payload = bytes.subarray(start, start + length);
  const sizeBytes = view.getUint32(start + length - 4, true);
  if (sizeBytes > MAX_UNPACKED_BYTES) return 'its payload is damaged';
  try {
    const unpacked = await unpackPayload(payload, sizeBytes);
    if (unpacked === undefined) return 'its compression is not one of gzip, xz, zstd and LZ4';
    return isElfHere(unpacked) ? unpacked : 'its payload is no ELF file';
  } catch {
    return 'its payload is damaged';
  }
}

/** The size stands behind what is packed; gzip has it as its own last field. */
async function unpackPayload(payload: Uint8Array, sizeBytes: number): Promise<Uint8Array | undefined> {
  const packed = payload.subarray(0, -4);
  if (isElfHere(payload)) return payload;
  if (latin1(packed, 0, 2) === '\x1f\x8b')
    return gunzipSync(payload, { maxOutputLength: MAX_UNPACKED_BYTES });
  if (latin1(packed, 0, 5) === '\xfd7zXZ') return unxzKernel(packed, sizeBytes);
  if (latin1(packed, 0, 4) === '\x28\xb5\x2f\xfd') return unzstd(packed, sizeBytes);
  if (latin1(packed, 0, 4) === '\x02\x21\x4c\x18') return unpackLz4(packed, sizeBytes);
  return undefined;
}

async function unzstd(packed: Uint8Array, sizeBytes: number): Promise<Uint8Array> {
  const { decompress } = await import('fzstd');
  const out = decompress(packed); // given an array, it would stop at its end and not tell
  if (out.length !== sizeBytes) throw new Error('cut off');
  return out;
}

const isElfHere = (bytes: Uint8Array): boolean => latin1(bytes, 1, 3) === 'ELF' && bytes[0] === 0x7f;

function latin1(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

const XZ_HEADER_BYTES = 12;
const X86_FILTER = 0x04;

type XzModule = Pick<typeof import('xz-decompress'), 'XzReadableStream'>;

async function unxzKernel(payload: Uint8Array, sizeBytes: number): Promise<Uint8Array> {
  // A CommonJS module: its names may hang on `default`, depending on who bundles.
  const loaded = (await import('xz-decompress')) as XzModule & { readonly default?: XzModule };
  const { XzReadableStream } = loaded.default ?? loaded;
  const { ReadableStream } = await import('node:stream/web');
  const plain = withoutX86Filter(payload);
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(plain ?? payload);
      controller.close();
    },
  });
  const stream = new XzReadableStream(source as ConstructorParameters<XzModule['XzReadableStream']>[0]);
  const out = await gather(stream.getReader(), sizeBytes);
  if (plain) undoX86Filter(out);
  return out;
}

/** Reads until all is there, and no further: the library would look for the check sum. */
async function gather(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  sizeBytes: number,
): Promise<Uint8Array> {
  const out = new Uint8Array(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const { value, done } = await reader.read();
    if (done) throw new Error('cut off');
    out.set(value.subarray(0, sizeBytes - filled), filled);
    filled += value.length;
  }
  await reader.cancel().catch(() => {});
  return out;
}

const XZ_FOOTER_BYTES = 12;
const XZ_CHECK_BYTES = 4; // CRC32, the only one that kernels have

/**
 * The stream with a block header that names LZMA2 alone, up to the check sum (which is that of the data before the
 * filter); undefined when the x86 filter is not its first.
 */
function withoutX86Filter(payload: Uint8Array): Uint8Array | undefined {
  const at = XZ_HEADER_BYTES;
  const headerBytes = (payload[at]! + 1) * 4;
  const flags = payload[at + 1]!;
  if ((flags & 3) !== 1 || (flags & 0xc0) !== 0 || payload[at + 2] !== X86_FILTER || payload[at + 3] !== 0) {
    return undefined;
  }
  const header = new Uint8Array(headerBytes);
  header[0] = payload[at]!;
  header.set(payload.subarray(at + 4, at + headerBytes - 4), 2); // flags 0: one filter
  new DataView(header.buffer).setUint32(headerBytes - 4, crc32(header.subarray(0, headerBytes - 4)), true);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const indexBytes = (view.getUint32(payload.length - 8, true) + 1) * 4;
  const out = Uint8Array.from(
    payload.subarray(0, payload.length - XZ_FOOTER_BYTES - indexBytes - XZ_CHECK_BYTES),
  );
  out.set(header, at);
  return out;
}

const CALL = 0xe8;
const JUMP = 0xe9;
/** A displacement's top byte that the filter takes for that of a branch. */
const isBranchByte = (byte: number): boolean => byte === 0 || byte === 0xff;
/** By the mask of suspicious bytes among the three before: whether to convert, and which byte decides about a second pass. */
const MASK_ALLOWED = [true, true, true, false, true, false, false, false];
const MASK_BIT = [0, 1, 2, 2, 3, 3, 3, 3];

/** Absolute branch targets back to displacements, in place (LZMA SDK, x86 converter, described in the xz file format). */
function undoX86Filter(out: Uint8Array): void {
  let previousMask = 0;
  let previousAt = -1;
  const end = out.length - 4;
  for (let i = 0; i < end; i++) {
    if ((out[i]! & 0xfe) !== CALL && out[i] !== JUMP) continue;
    const distance = i - previousAt;
    if (distance > 3) previousMask = 0;
    else {
      previousMask = (previousMask << (distance - 1)) & 7;
      if (previousMask !== 0) {
        const byte = out[i + 4 - MASK_BIT[previousMask]!]!;
        if (!MASK_ALLOWED[previousMask] || isBranchByte(byte)) {
          previousAt = i;
          previousMask = (previousMask << 1) | 1;
          continue;
        }
      }
    }
    previousAt = i;
    if (!isBranchByte(out[i + 4]!)) {
      previousMask = (previousMask << 1) | 1;
      continue;
    }
    const target = displacement(out, i, previousMask);
    out[i + 1] = target & 0xff;
    out[i + 2] = (target >> 8) & 0xff;
    out[i + 3] = (target >> 16) & 0xff;
    out[i + 4] = (target & 0x1000000) !== 0 ? 0xff : 0;
    previousMask = 0;
    i += 4;
  }
}

function displacement(out: Uint8Array, at: number, mask: number): number {
  let source = out[at + 1]! | (out[at + 2]! << 8) | (out[at + 3]! << 16) | (out[at + 4]! << 24);
  for (;;) {
    const target = (source - (at + 5)) | 0;
    if (mask === 0) return target;
    const shift = MASK_BIT[mask]! * 8;
    if (!isBranchByte((target >> (24 - shift)) & 0xff)) return target;
    source = target ^ ((shift === 0 ? 0 : 1 << (32 - shift)) - 1);
  }
}

/** The legacy LZ4 frame that kernels use: blocks of up to 8 MiB, each with its compressed size in front. */
function unpackLz4(payload: Uint8Array, sizeBytes: number): Uint8Array {
  const out = new Uint8Array(sizeBytes);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  let filled = 0;
  for (let at = 4; at + 4 <= payload.length && filled < sizeBytes; ) {
    const block = view.getUint32(at, true);
    filled = unpackLz4Block(payload.subarray(at + 4, at + 4 + block), out, filled);
    at += 4 + block;
  }
  if (filled !== sizeBytes) throw new Error('cut off');
  return out;
}

/** One LZ4 block: literals and matches in turn, lengths of 15 continued by bytes (LZ4 block format). */
function unpackLz4Block(block: Uint8Array, out: Uint8Array, from: number): number {
  let p = 0;
  let q = from;
  const length = (nibble: number, base: number): number => {
    let total = nibble + base;
    if (nibble === 15) {
      for (let byte = 255; byte === 255; total += byte) byte = block[p++] ?? 0;
    }
    return total;
  };
  while (p < block.length) {
    const token = block[p++]!;
    const literals = length(token >> 4, 0);
    out.set(block.subarray(p, p + literals), q);
    p += literals;
    q += literals;
    if (p >= block.length) break;
    const offset = block[p]! | (block[p + 1]! << 8);
    p += 2;
    const match = length(token & 15, 4);
    if (offset === 0 || offset > q || q + match > out.length) throw new Error('damaged');
    for (let i = 0; i < match; i++, q++) out[q] = out[q - offset]!;
  }
  return q;
}
