/**
 * Register values: hex of `g` and `p` replies ↔ bigint, by the layout of the target description.
 *
 * A value is unsigned, whatever its width. A register that the reply leaves out, or that the stub marks `xx`
 * (unavailable), is `undefined`, never 0.
 */
import type { RegisterSlot, TargetDescription } from './target-description.ts';

/** The D names of registers that gdb calls otherwise. */
const GDB_NAMES: Readonly<Record<string, string>> = { rflags: 'eflags' };

export class RegisterLayout {
  readonly architecture: string;
  readonly littleEndian: boolean;
  readonly slots: readonly RegisterSlot[]; // in `g` order
  private readonly byName: ReadonlyMap<string, RegisterSlot>;

  constructor(description: TargetDescription) {
    this.architecture = description.architecture;
    this.littleEndian = description.littleEndian;
    this.slots = description.registers;
    this.byName = new Map(this.slots.map((slot) => [slot.name, slot]));
  }

  slot(name: string): RegisterSlot | undefined {
    return this.byName.get(name) ?? this.byName.get(GDB_NAMES[name] ?? '');
  }

  /** The hex digits of one register, in target order, → its value. */
  decode(hex: string): bigint | undefined {
    if (!/^(?:[0-9a-f]{2})+$/i.test(hex)) return undefined;
    return BigInt(`0x${this.littleEndian ? reverseBytes(hex) : hex}`);
  }

  /** The value modulo 2^bits, as the stub wants it. */
  encode(slot: RegisterSlot, value: bigint): string {
    const bits = slot.sizeBytes * 8;
    const hex = BigInt.asUintN(bits, value)
      .toString(16)
      .padStart(slot.sizeBytes * 2, '0');
    return this.littleEndian ? reverseBytes(hex) : hex;
  }
}

/** All registers of one vCPU at one stop; decodes only what is asked for. */
export class RegisterView {
  readonly cpu: number;
  /** A `g` reply. */
  readonly hex: string;
  private readonly layout: RegisterLayout;

  constructor(layout: RegisterLayout, cpu: number, hex: string) {
    this.layout = layout;
    this.cpu = cpu;
    this.hex = hex;
  }

  get(name: string): bigint | undefined {
    const slot = this.layout.slot(name);
    if (slot === undefined) return undefined;
    const digits = this.hex.slice(slot.offset * 2, (slot.offset + slot.sizeBytes) * 2);
    return digits.length === slot.sizeBytes * 2 ? this.layout.decode(digits) : undefined;
  }

  /** Every register with a value, in `g` order. */
  entries(): (readonly [string, bigint])[] {
    return this.layout.slots.flatMap(({ name }) => {
      const value = this.get(name);
      return value === undefined ? [] : [[name, value] as const];
    });
  }
}

function reverseBytes(hex: string): string {
  let out = '';
  for (let i = hex.length; i > 0; i -= 2) out += hex.slice(i - 2, i);
  return out;
}
