/** Small reads of the guest's memory for those who follow its stacks: words, integers, and bytes of code. */
import type { MemoryReader } from '../machine/target.ts';

export class GuestWords {
  private readonly memory: MemoryReader;
  private readonly bytes = new Uint8Array(16);
  private readonly view = new DataView(this.bytes.buffer);

  constructor(memory: MemoryReader) {
    this.memory = memory;
  }

  word(address: bigint): bigint | undefined {
    return this.load(address, 8) ? this.view.getBigUint64(0, true) : undefined;
  }

  int32(address: bigint): number | undefined {
    return this.load(address, 4) ? this.view.getInt32(0, true) : undefined;
  }

  /** Two signed 16-bit integers and an unsigned one, one after another. */
  halves(address: bigint): readonly [number, number, number] | undefined {
    if (!this.load(address, 6)) return undefined;
    const { view } = this;
    return [view.getInt16(0, true), view.getInt16(2, true), view.getUint16(4, true)];
  }

  /** Code, as many bytes as there are of `size`. */
  codeAt(address: bigint, size: number): Uint8Array {
    const out = new Uint8Array(size);
    return out.subarray(0, this.memory.read(address, size, out));
  }

  private load(address: bigint, size: number): boolean {
    return this.memory.read(BigInt.asUintN(64, address), size, this.bytes.subarray(0, size)) === size;
  }
}
