/** Code and data of an ELF file's loaded segments, by virtual address. */
import type { CodeReader } from '../machine/sites.ts';
import { readElf } from './elf.ts';

interface Segment {
  readonly start: bigint;
  readonly bytes: Uint8Array;
}

/** Undefined when the file has no loaded bytes. `slide` is added to its addresses. */
export function elfCode(file: Uint8Array, slide = 0n): CodeReader | undefined {
  const elf = readElf(file);
  if (elf === undefined) return undefined;
  const segments: Segment[] = elf.sections
    .filter(({ flags, type, size, address }) => isLoaded(flags, type) && size > 0 && address > 0n)
    .map(({ address, offset, size }) => ({
      start: BigInt.asUintN(64, address + slide),
      bytes: file.subarray(offset, offset + size),
    }));
  if (segments.length === 0) return undefined;
  return { readCode: (address, size) => readSegments(segments, address, size) };
}

const SHF_ALLOC = 2;
const SHT_NOBITS = 8;

function isLoaded(flags: number, type: number): boolean {
  return (flags & SHF_ALLOC) !== 0 && type !== SHT_NOBITS;
}

function readSegments(segments: readonly Segment[], address: bigint, size: number): Uint8Array | undefined {
  const segment = segments.find(
    ({ start, bytes }) => address >= start && address < start + BigInt(bytes.length),
  );
  if (segment === undefined) return undefined;
  const offset = Number(address - segment.start);
  return segment.bytes.subarray(offset, offset + size);
}
