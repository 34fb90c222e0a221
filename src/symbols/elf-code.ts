/**
 * Code and data of an ELF file by virtual address, from its loaded segments: they are there when the section headers are
 * stripped. 32 and 64 bits. A damaged file has fewer bytes, or none; it never throws.
 */
import type { CodeReader } from '../machine/sites.ts';
import { type ElfSegment, readElf } from './elf.ts';

interface Part {
  readonly start: bigint;
  readonly bytes: Uint8Array;
}

/** Undefined when the file has no loaded bytes. `slide` is added to its addresses. */
export function elfCode(file: Uint8Array, slide = 0n): CodeReader | undefined {
  const elf = readElf(file);
  const parts = (elf?.segments ?? [])
    .filter((segment, _, all) => !isPerCpu(segment, all))
    .map(({ address, offset, fileBytes }) => ({
      start: BigInt.asUintN(64, address + slide),
      bytes: file.subarray(offset, offset + fileBytes),
    }))
    .filter(({ bytes }) => bytes.length > 0);
  if (parts.length === 0) return undefined;
  return { readCode: (address, size) => readPart(parts, address, size) };
}

/** Where kernels of 64-bit machines lie. */
const UPPER_HALF = 1n << 63n;

/** Linux links its per-CPU data to 0 and copies it elsewhere. Other files may well begin at 0. */
function isPerCpu({ address }: ElfSegment, all: readonly ElfSegment[]): boolean {
  return address === 0n && all.some((other) => other.address >= UPPER_HALF);
}

function readPart(parts: readonly Part[], address: bigint, size: number): Uint8Array | undefined {
  const part = parts.find(({ start, bytes }) => address >= start && address < start + BigInt(bytes.length));
  if (part === undefined) return undefined;
  const offset = Number(address - part.start);
  return part.bytes.subarray(offset, offset + size);
}
