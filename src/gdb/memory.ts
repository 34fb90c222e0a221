/**
 * Ranges of guest memory, in packets. Pieces are powers of two and aligned, so none crosses a page: one
 * that fails says that its own page is unmapped, and those before it stand. QEMU takes `m` of half its packet size
 * (0x800 bytes; one more is E22), and `M` as long as the packet fits into its line buffer.
 */
import { GdbError } from './gdb-error.ts';
import { bytesOfHex } from './packet.ts';

export interface Piece {
  readonly address: bigint;
  readonly size: number;
}

export interface PacketLimits {
  readonly readBytes: number;
  readonly writeBytes: number;
}

/** The smallest page of the targets QEMU has; a larger piece could be half mapped. */
const PAGE_BYTES = 4096;
/** `$M`, 16 digits of address, `,`, the length, `:`, `#hh`. */
const WRITE_OVERHEAD = 32;

export function packetLimits(packetSize: number): PacketLimits {
  return {
    readBytes: Math.min(PAGE_BYTES, floorPowerOfTwo(packetSize / 2)),
    writeBytes: Math.min(PAGE_BYTES, floorPowerOfTwo((packetSize - WRITE_OVERHEAD) / 2)),
  };
}

function floorPowerOfTwo(value: number): number {
  return value < 1 ? 1 : 2 ** Math.floor(Math.log2(value));
}

/** The range in order; it ends at the top of the address space. */
export function cutRange(address: bigint, size: number, pieceBytes: number): Piece[] {
  const pieces: Piece[] = [];
  const start = BigInt.asUintN(64, address);
  const room = (1n << 64n) - start;
  let left = room < BigInt(size) ? Number(room) : size;
  for (let at = start; left > 0; ) {
    const pieceSize = Math.min(left, pieceBytes - Number(at % BigInt(pieceBytes)));
    pieces.push({ address: at, size: pieceSize });
    at += BigInt(pieceSize);
    left -= pieceSize;
  }
  return pieces;
}

/** Send the packets in one write; the promise has their outcomes in order. */
export type SendReads = (packets: readonly string[]) => Promise<readonly PromiseSettledResult<string>[]>;
export type SendWrites = (packets: readonly string[]) => Promise<void>;

/** Requests under way at once, so that a read of megabytes does not pile up in QEMU's output queue. */
const WINDOW = 32;

/** The bytes up to the first that cannot be read. */
export async function readRange(
  address: bigint,
  size: number,
  pieceBytes: number,
  send: SendReads,
): Promise<Uint8Array> {
  const pieces = cutRange(address, size, pieceBytes);
  const out: Uint8Array[] = [];
  for (let at = 0; at < pieces.length; at += WINDOW) {
    const window = pieces.slice(at, at + WINDOW);
    const packets = window.map((piece) => `m${hexAddress(piece.address)},${piece.size.toString(16)}`);
    for (const [i, reply] of (await send(packets)).entries()) {
      const bytes = memoryOf(reply);
      if (bytes !== undefined) out.push(bytes);
      if (bytes === undefined || bytes.length < window[i]!.size) return Buffer.concat(out);
    }
  }
  return Buffer.concat(out);
}

/** Undefined where the stub says that nothing can be read there; other failures are thrown. */
function memoryOf(reply: PromiseSettledResult<string>): Uint8Array | undefined {
  if (reply.status === 'fulfilled') return bytesOfHex(reply.value);
  if (reply.reason instanceof GdbError && reply.reason.kind === 'error-reply') return undefined;
  throw reply.reason;
}

export async function writeRange(
  address: bigint,
  bytes: Uint8Array,
  pieceBytes: number,
  send: SendWrites,
): Promise<void> {
  const packets: string[] = [];
  let from = 0;
  for (const { address: at, size } of cutRange(address, bytes.length, pieceBytes)) {
    const hex = Buffer.from(bytes.subarray(from, from + size)).toString('hex');
    packets.push(`M${hexAddress(at)},${size.toString(16)}:${hex}`);
    from += size;
  }
  for (let at = 0; at < packets.length; at += WINDOW) await send(packets.slice(at, at + WINDOW));
}

export function hexAddress(address: bigint): string {
  return BigInt.asUintN(64, address).toString(16);
}
