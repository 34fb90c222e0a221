/**
 * A position in DWARF data: fixed and variable numbers, strings, of either byte order. Reading past the end gives zeros and
 * leaves `isSpent`, so that a damaged section ends what is read of it and never throws.
 */
const MOST_FACTOR = 2 ** 56;

export class DwarfReader {
  at: number;
  readonly end: number;
  readonly littleEndian: boolean;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, littleEndian: boolean, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.littleEndian = littleEndian;
    this.at = at;
    this.end = Math.min(end, bytes.length);
  }

  get isSpent(): boolean {
    return this.at >= this.end;
  }

  /** The same bytes up to another end. */
  within(at: number, end: number): DwarfReader {
    return new DwarfReader(this.bytes, this.littleEndian, at, Math.min(end, this.end));
  }

  u8(): number {
    return this.at < this.end ? this.bytes[this.at++]! : this.spend();
  }

  u16(): number {
    return this.has(2) ? this.view.getUint16(this.step(2), this.littleEndian) : this.spend();
  }

  u32(): number {
    return this.has(4) ? this.view.getUint32(this.step(4), this.littleEndian) : this.spend();
  }

  u64(): bigint {
    return this.has(8) ? this.view.getBigUint64(this.step(8), this.littleEndian) : BigInt(this.spend());
  }

  address(bytes: number): bigint {
    return bytes === 8 ? this.u64() : BigInt(bytes === 4 ? this.u32() : bytes === 2 ? this.u16() : this.u8());
  }

  /** A length or an offset in this file, of 32- or 64-bit DWARF; larger than any file, it is as good as infinite. */
  offset(bytes: 4 | 8): number {
    return bytes === 4 ? this.u32() : Number(this.u64());
  }

  /** Counts, line numbers and address steps: what they say is far below 2^53, or nonsense. */
  uleb(): number {
    let [value, factor, byte] = [0, 1, 0x80];
    while ((byte & 0x80) !== 0 && !this.isSpent) {
      byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * factor;
      if (factor < MOST_FACTOR) factor *= 128; // padding, or damage, of any length stays finite
    }
    return value;
  }

  sleb(): number {
    let [value, factor, byte] = [0, 1, 0x80];
    while ((byte & 0x80) !== 0 && !this.isSpent) {
      byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * factor;
      if (factor < MOST_FACTOR) factor *= 128; // padding, or damage, of any length stays finite
    }
    return (byte & 0x40) !== 0 ? value - factor : value;
  }

  string(): string {
    const from = this.at;
    while (this.at < this.end && this.bytes[this.at] !== 0) this.at++;
    const text = new TextDecoder().decode(this.bytes.subarray(from, this.at));
    this.at = Math.min(this.at + 1, this.end);
    return text;
  }

  skip(bytes: number): void {
    this.at = Math.min(this.at + bytes, this.end);
  }

  private has(bytes: number): boolean {
    return this.at + bytes <= this.end;
  }

  private step(bytes: number): number {
    this.at += bytes;
    return this.at - bytes;
  }

  private spend(): number {
    this.at = this.end;
    return 0;
  }
}
