/**
 * Writes BTF images for tests: entries in order, ids from 1 (or from where a base ends). It knows the format's numbers by
 * itself, so that a mistake in src/symbols/btf.ts does not cancel out.
 */

/** One entry: kind, name, size or type, and the words behind it. `flag` is kind_flag; `n` counts elements. */
export interface Entry {
  readonly kind: number;
  readonly name?: string;
  readonly value?: number;
  readonly words?: readonly (number | string)[]; // a string stands for its offset
  readonly n?: number;
  readonly flag?: boolean;
}

export const int = (name: string, bytes: number, encoding = 0, bits = bytes * 8, offset = 0): Entry => ({
  ...{ kind: 1, name, value: bytes, words: [(encoding << 24) | (offset << 16) | bits] },
});
export const pointer = (to: number): Entry => ({ kind: 2, value: to });
export const array = (of: number, count: number): Entry => ({ kind: 3, words: [of, 0, count] });
export const struct = (name: string, bytes: number, ...members: Member[]): Entry =>
  record(4, name, bytes, members);
export const union = (name: string, bytes: number, ...members: Member[]): Entry =>
  record(5, name, bytes, members);
export const named = (kind: number, name: string, to: number): Entry => ({ kind, name, value: to });
export const enumeration = (
  name: string,
  bytes: number,
  values: Readonly<Record<string, number>>,
): Entry => ({
  ...{ kind: 6, name, value: bytes, n: Object.keys(values).length, words: Object.entries(values).flat() },
});

/** Name, type, place in bits; with a width the place is a bit-field's, of a struct with kind_flag. */
export type Member = readonly [name: string, type: number, bits: number, width?: number];

function record(kind: number, name: string, value: number, members: readonly Member[]): Entry {
  const flag = members.some(([, , , width]) => width !== undefined);
  const words = members.flatMap(([label, type, bits, width]) => [label, type, ((width ?? 0) << 24) | bits]);
  return { kind, name, value, words, n: members.length, flag };
}

export interface ImageOptions {
  readonly big?: boolean;
  /** Bytes of the base's strings; such an image's own begin without the empty one. */
  readonly after?: number;
}

export function btfImage(entries: readonly Entry[], { big = false, after }: ImageOptions = {}): Uint8Array {
  const strings = new Map<string, number>();
  let text = after === undefined ? '\0' : '';
  const offsetOf = (name: string): number => {
    if (name === '') return 0;
    const known = strings.get(name);
    if (known !== undefined) return known;
    const offset = (after ?? 0) + text.length;
    strings.set(name, offset);
    text += `${name}\0`;
    return offset;
  };
  const words = entries.flatMap(({ kind, name = '', value = 0, words: more = [], n = 0, flag = false }) => [
    ...[offsetOf(name), n + kind * 2 ** 24 + (flag ? 2 ** 31 : 0), value],
    ...more.map((word) => (typeof word === 'string' ? offsetOf(word) : word)),
  ]);
  const typeBytes = words.length * 4;
  const image = new Uint8Array(24 + typeBytes + text.length);
  const view = new DataView(image.buffer);
  view.setUint16(0, 0xeb9f, !big);
  image[2] = 1;
  [24, 0, typeBytes, typeBytes, text.length].forEach((word, i) => {
    view.setUint32(4 + i * 4, word, !big);
  });
  words.forEach((word, i) => {
    view.setUint32(24 + i * 4, word >>> 0, !big);
  });
  image.set(new TextEncoder().encode(text), 24 + typeBytes);
  return image;
}

/** Bytes of an image's strings, which split BTF counts on from. */
export function stringBytes(image: Uint8Array): number {
  return new DataView(image.buffer, image.byteOffset).getUint32(20, true);
}

/** An ELF64 file (little endian) with one section. */
export function elfWith(name: string, content: Uint8Array): Uint8Array {
  const names = new TextEncoder().encode(`\0${name}\0.shstrtab\0`);
  const contentAt = 64;
  const namesAt = contentAt + content.length;
  const headersAt = namesAt + names.length;
  const file = new Uint8Array(headersAt + 3 * 64);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setBigUint64(40, BigInt(headersAt), true);
  [64, 3, 2].forEach((value, i) => {
    view.setUint16(58 + i * 2, value, true);
  });
  const header = (index: number, nameAt: number, at: number, size: number) => {
    const start = headersAt + index * 64;
    view.setUint32(start, nameAt, true);
    view.setBigUint64(start + 24, BigInt(at), true);
    view.setBigUint64(start + 32, BigInt(size), true);
  };
  header(1, 1, contentAt, content.length);
  header(2, name.length + 2, namesAt, names.length);
  file.set(content, contentAt);
  file.set(names, namesAt);
  return file;
}
