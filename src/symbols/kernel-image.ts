/**
 * A boot image as the other readers want it: its symbols, its types, and, for those who ask, the ELF file inside.
 *
 * In: the image's bytes and a folder where what was made of it is kept (kernel-cache.ts), undefined for none. Out:
 * KernelImage, or a sentence that says why it is of no use. When the facts were kept, nothing is unpacked until `elf`.
 */
import { btfOf } from './btf.ts';
import { kallsymsOf } from './kallsyms-image.ts';
import { keepKernelFacts, kernelKey, readKernelFacts } from './kernel-cache.ts';
import { unpackLinuxImage } from './linux-image.ts';

export interface KernelImage {
  /** For load.ts: a listing, or the ELF file when it has no kallsyms tables. */
  readonly symbols: Uint8Array;
  readonly types: Uint8Array | undefined; // BTF
  readonly elf: () => Promise<Uint8Array | string>;
}

export async function openKernelImage(
  image: Uint8Array,
  folder: string | undefined,
): Promise<KernelImage | string> {
  const key = folder === undefined ? '' : kernelKey(image);
  const kept = folder === undefined ? undefined : readKernelFacts(folder, key);
  if (kept) return { symbols: kept.listing, types: kept.types, elf: () => unpackLinuxImage(image) };
  const elf = await unpackLinuxImage(image);
  if (typeof elf === 'string') return elf;
  const types = btfOf(elf);
  const text = kallsymsOf(elf);
  const listing = text === undefined ? undefined : Buffer.from(text);
  if (listing && folder !== undefined) keepKernelFacts(folder, key, { listing, types });
  return { symbols: listing ?? elf, types, elf: () => Promise.resolve(elf) };
}
