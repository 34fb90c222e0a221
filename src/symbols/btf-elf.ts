/** One section of an ELF file by name: all that BTF in a kernel or module image needs. Either byte order, 32 or 64 bits. */

const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46];
const CLASS_64 = 2;
const BIG_ENDIAN = 2;

/** The section's bytes; undefined when this is no ELF file, it has no such section, or the section is cut off. */
export function elfSection(bytes: Uint8Array, name: string): Uint8Array | undefined {
  if (bytes.length < 64 || ELF_MAGIC.some((byte, i) => bytes[i] !== byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return findSection(bytes, view, name);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // an offset beyond the file
    throw error;
  }
}

function findSection(bytes: Uint8Array, view: DataView, name: string): Uint8Array | undefined {
  const is64 = bytes[4] === CLASS_64;
  const little = bytes[5] !== BIG_ENDIAN;
  const word = (at: number) => (is64 ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  const headersAt = word(is64 ? 40 : 32);
  const [size, count, names] = [0, 2, 4].map((i) => view.getUint16((is64 ? 58 : 46) + i, little));
  const section = (index: number) => {
    const at = headersAt + index * size!;
    return {
      name: view.getUint32(at, little),
      start: word(at + (is64 ? 24 : 16)),
      bytes: word(at + (is64 ? 32 : 20)),
    };
  };
  const wanted = [...new TextEncoder().encode(name), 0];
  const { start: namesAt } = section(names!);
  for (let i = 1; i < count!; i++) {
    const found = section(i);
    if (!wanted.every((byte, k) => bytes[namesAt + found.name + k] === byte)) continue;
    const end = found.start + found.bytes;
    return end <= bytes.length ? bytes.subarray(found.start, end) : undefined;
  }
  return undefined;
}
