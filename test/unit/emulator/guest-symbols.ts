/** Functions of an ELF image, read by hand so that a mistake in src/symbols does not cancel out. */
export interface GuestSymbol {
  readonly address: bigint;
  readonly size: number;
  readonly isKernel: boolean; // in the kernel's half of the address space
}

const SHT_SYMTAB = 2;
const STT_FUNC = 2;

export function readSymbols(file: Uint8Array): ReadonlyMap<string, GuestSymbol> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const table = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  const section = (index: number) => {
    const at = table + 64 * index;
    return {
      type: view.getUint32(at + 4, true),
      offset: Number(view.getBigUint64(at + 24, true)),
      size: Number(view.getBigUint64(at + 32, true)),
      link: view.getUint32(at + 40, true),
    };
  };
  const found = new Map<string, GuestSymbol>();
  for (let index = 0; index < count; index++) {
    const { type, offset, size, link } = section(index);
    if (type !== SHT_SYMTAB) continue;
    const names = section(link).offset;
    for (let at = offset; at < offset + size; at += 24) {
      if ((file[at + 4]! & 0xf) !== STT_FUNC) continue;
      const from = names + view.getUint32(at, true);
      const name = new TextDecoder().decode(file.subarray(from, file.indexOf(0, from)));
      const address = view.getBigUint64(at + 8, true);
      const bytes = Number(view.getBigUint64(at + 16, true));
      if (bytes > 0) found.set(name, { address, size: bytes, isKernel: address >= 1n << 63n });
    }
  }
  return found;
}
