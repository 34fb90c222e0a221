/**
 * One DIFO while it is being written: instructions, labels that are placed later, tables without duplicates.
 *
 * It promises a well-formed Difo whatever it is asked: what does not fit (a 33rd register, a 65537th integer) is
 * remembered in `failure`, and the caller reports it and throws the Difo away.
 */
import { encode, operandFields } from '../dif/encode.ts';
import { type Mnemonic, REGISTER_FILE_SIZE } from '../dif/opcodes.ts';
import type { Difo, ValueShape } from '../dif/program.ts';
import { MAX_INSTRUCTIONS, MAX_TABLE } from '../dif/verify-limits.ts';

/** A place in the code that is not known yet. Branches only go forward, so it is placed after its last use. */
export interface Label {
  readonly branches: number[]; // indices of the instructions that go there
}

export type EmitFailure = 'registers' | 'tuple' | 'integers' | 'strings' | 'code';

/** Made when it is first asked for: Node compiles what it takes. */
let latin1: InstanceType<typeof TextDecoder> | undefined;

export class Emitter {
  /** The first thing that did not fit. */
  failure: EmitFailure | undefined;
  private readonly code: number[] = [];
  private readonly integers = new Map<bigint, number>();
  private readonly strings = new Map<string, number>(); // bytes as Latin-1 → offset
  private readonly stringBytes: number[] = [];

  fail(failure: EmitFailure): void {
    this.failure ??= failure;
  }

  emit(mnemonic: Mnemonic, ...operands: readonly number[]): void {
    if (this.code.length >= MAX_INSTRUCTIONS) this.fail('code');
    operandFields(mnemonic).forEach((field, i) => {
      const isRegister = field.role === 'read' || field.role === 'write';
      if (isRegister && (operands[i] ?? 0) >= REGISTER_FILE_SIZE) this.fail('registers');
    });
    this.code.push(encode(mnemonic, operands));
  }

  label(): Label {
    return { branches: [] };
  }

  branch(mnemonic: Mnemonic, label: Label): void {
    label.branches.push(this.code.length);
    this.emit(mnemonic, 0);
  }

  /** The label means the instruction emitted next. */
  place(label: Label): void {
    for (const at of label.branches) {
      this.code[at] = ((this.code[at] ?? 0) | this.code.length) >>> 0;
    }
  }

  setInteger(value: bigint, reg: number): void {
    let index = this.integers.get(value);
    if (index === undefined) {
      index = this.integers.size;
      if (index >= MAX_TABLE) this.fail('integers');
      this.integers.set(value, index);
    }
    this.emit('setx', index, reg);
  }

  setString(bytes: Uint8Array, reg: number): void {
    latin1 ??= new TextDecoder('latin1');
    const key = latin1.decode(bytes);
    let offset = this.strings.get(key);
    if (offset === undefined) {
      offset = this.stringBytes.length;
      for (const byte of bytes) this.stringBytes.push(byte);
      this.stringBytes.push(0);
      if (this.stringBytes.length > MAX_TABLE) this.fail('strings');
      this.strings.set(key, offset);
    }
    this.emit('sets', offset, reg);
  }

  finish(result: ValueShape): Difo {
    return {
      code: Uint32Array.from(this.code),
      integers: BigInt64Array.from(this.integers.keys()),
      strings: Uint8Array.from(this.stringBytes),
      result,
    };
  }
}
