/**
 * How a range of guest memory is cut into packets. Pieces are powers of two and aligned, so none crosses a page: one
 * that fails says that its own page is unmapped, and those before it stand. QEMU takes `m` of half its packet size
 * (0x800 bytes; one more is E22), and `M` as long as the packet fits into its line buffer.
 */

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
