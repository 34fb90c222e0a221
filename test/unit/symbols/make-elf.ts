/** ELF files for tests, of either width and byte order: sections .text, .data and what is asked for. */

export interface ElfSpec {
  readonly is64?: boolean;
  readonly littleEndian?: boolean;
  readonly type?: 1 | 2 | 3; // relocatable, executable, shared
  readonly textAddress?: bigint;
  readonly textBytes?: number;
  readonly loadAddress?: bigint; // of one segment
  readonly symbols?: readonly SymbolSpec[];
  readonly table?: 'symtab' | 'dynsym';
  /** With an address it is loaded. */
  readonly extra?: readonly {
    readonly name: string;
    readonly bytes: Uint8Array;
    readonly address?: bigint;
  }[];
}

export interface SymbolSpec {
  readonly name: string;
  readonly value: bigint;
  readonly size?: number;
  readonly type?: number; // STT: 2 function
  readonly binding?: number; // STB: 1 global
  readonly section?: number; // 1 is .text
}

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly link: number;
  readonly entryBytes: number;
}

export function makeElf(spec: ElfSpec): Uint8Array {
  const { is64 = true, littleEndian = true, type = 2, textAddress = 0x1000n, textBytes = 0x100 } = spec;
  const plain = { flags: 0, address: 0n, link: 0, entryBytes: 0 };
  const strings = stringTable((spec.symbols ?? []).map(({ name }) => name));
  const text: Section = {
    ...plain,
    name: '.text',
    type: 1,
    flags: 2,
    address: textAddress,
    bytes: new Uint8Array(textBytes),
  };
  const sections: Section[] = [{ ...plain, name: '', type: 0, bytes: new Uint8Array() }, text];
  if (spec.symbols !== undefined) {
    const bytes = symbolTable(spec.symbols, strings.offsets, is64, littleEndian);
    const kind = spec.table === 'dynsym' ? 11 : 2;
    sections.push({
      ...plain,
      name: `.${spec.table ?? 'symtab'}`,
      type: kind,
      bytes,
      link: 3,
      entryBytes: is64 ? 24 : 16,
    });
    sections.push({ ...plain, name: '.strtab', type: 3, bytes: strings.bytes });
  }
  for (const { name, bytes, address } of spec.extra ?? [])
    sections.push({ ...plain, name, type: 1, bytes, ...(address !== undefined && { address, flags: 2 }) });
  const names = stringTable([...sections.map(({ name }) => name), '.shstrtab']);
  sections.push({ ...plain, name: '.shstrtab', type: 3, bytes: names.bytes });
  return assemble({
    is64,
    littleEndian,
    type,
    sections,
    names: names.offsets,
    loadAddress: spec.loadAddress,
  });
}

function stringTable(texts: readonly string[]): { bytes: Uint8Array; offsets: ReadonlyMap<string, number> } {
  const offsets = new Map<string, number>();
  let all = '\0';
  for (const text of texts) {
    if (offsets.has(text)) continue;
    offsets.set(text, Buffer.byteLength(all));
    all += `${text}\0`;
  }
  return { bytes: Buffer.from(all), offsets };
}

function symbolTable(
  symbols: readonly SymbolSpec[],
  names: ReadonlyMap<string, number>,
  is64: boolean,
  littleEndian: boolean,
): Uint8Array {
  const entryBytes = is64 ? 24 : 16;
  const view = new DataView(new ArrayBuffer((symbols.length + 1) * entryBytes));
  symbols.forEach(({ name, value, size = 0, type = 2, binding = 1, section = 1 }, i) => {
    const at = (i + 1) * entryBytes;
    view.setUint32(at, names.get(name)!, littleEndian);
    view.setUint8(at + (is64 ? 4 : 12), (binding << 4) | type);
    view.setUint16(at + (is64 ? 6 : 14), section, littleEndian);
    if (is64) {
      view.setBigUint64(at + 8, value, littleEndian);
      view.setBigUint64(at + 16, BigInt(size), littleEndian);
    } else {
      view.setUint32(at + 4, Number(value), littleEndian);
      view.setUint32(at + 8, size, littleEndian);
    }
  });
  return new Uint8Array(view.buffer);
}

interface Layout {
  readonly is64: boolean;
  readonly littleEndian: boolean;
  readonly type: number;
  readonly sections: readonly Section[];
  readonly names: ReadonlyMap<string, number>;
  readonly loadAddress: bigint | undefined;
}

function assemble({ is64, littleEndian, type, sections, names, loadAddress }: Layout): Uint8Array {
  const [headerBytes, segmentBytes, sectionBytes] = is64 ? [64, 56, 64] : [52, 32, 40];
  const start = headerBytes + segmentBytes;
  const offsets: number[] = [];
  let end = start;
  for (const { bytes } of sections) {
    offsets.push(end);
    end += Math.ceil(bytes.length / 8) * 8;
  }
  const out = new Uint8Array(end + sections.length * sectionBytes);
  const view = new DataView(out.buffer);
  const word = (at: number, value: bigint) =>
    is64 ? view.setBigUint64(at, value, littleEndian) : view.setUint32(at, Number(value), littleEndian);
  const half = (at: number, value: number) => view.setUint16(at, value, littleEndian);
  out.set([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, littleEndian ? 1 : 2, 1]);
  half(16, type);
  word(is64 ? 32 : 28, BigInt(headerBytes));
  word(is64 ? 40 : 32, BigInt(end));
  half(is64 ? 54 : 42, segmentBytes);
  half(is64 ? 56 : 44, loadAddress === undefined ? 0 : 1);
  half(is64 ? 58 : 46, sectionBytes);
  half(is64 ? 60 : 48, sections.length);
  half(is64 ? 62 : 50, sections.length - 1);
  view.setUint32(headerBytes, 1, littleEndian); // PT_LOAD
  word(headerBytes + (is64 ? 16 : 8), loadAddress ?? 0n);
  sections.forEach((section, i) => {
    out.set(section.bytes, offsets[i]!);
    const at = end + i * sectionBytes;
    view.setUint32(at, names.get(section.name)!, littleEndian);
    view.setUint32(at + 4, section.type, littleEndian);
    word(at + 8, BigInt(section.flags));
    word(at + (is64 ? 16 : 12), section.address);
    word(at + (is64 ? 24 : 16), BigInt(offsets[i]!));
    word(at + (is64 ? 32 : 20), BigInt(section.bytes.length));
    view.setUint32(at + (is64 ? 40 : 24), section.link, littleEndian);
    word(at + (is64 ? 56 : 36), BigInt(section.entryBytes));
  });
  return out;
}
