/**
 * Random programs for CoreMachine: every instruction that displacing treats in its own way, among ordinary ones.
 *
 * All CPUs run the same code on data of their own, and what interrupts do to memory commutes, so that a program ends in the
 * same state whatever the schedule. r15 is the CPU's data, r14 a page of its own that may be absent, rsp its stack.
 */
import { INT, IRQ, LAYOUT } from './core-machine.ts';

export type Chance = () => number; // 0 … 1

const RCX = 1;
/** Registers that random instructions write: not rcx (loops), rsp, r14, r15. */
const FREE: readonly number[] = [0, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13];
const FIRST_PRIVATE = 0x3e0; // offset in the data of a CPU of what handlers write
const USER_TRIP_VECTOR = 0x82;

/** Bytes at an address, with the boundaries of their instructions. */
export class Assembler {
  readonly bytes: number[] = [];
  readonly starts: number[] = []; // addresses
  readonly base: number;
  private readonly fixups: { readonly at: number; readonly size: 1 | 4; readonly label: number }[] = [];
  private readonly labels: (number | undefined)[] = [];

  constructor(base: number) {
    this.base = base;
  }
  get here(): number {
    return this.base + this.bytes.length;
  }
  emit(...bytes: readonly number[]): void {
    this.starts.push(this.here);
    this.bytes.push(...bytes);
  }
  label(): number {
    return this.labels.push(undefined) - 1;
  }
  place(label: number): void {
    this.labels[label] = this.here;
  }
  /** Opcode bytes, then a displacement from the end of the instruction to a label. */
  branch(opcode: readonly number[], size: 1 | 4, label: number): void {
    this.emit(...opcode, ...new Array(size).fill(0));
    this.fixups.push({ at: this.bytes.length - size, size, label });
  }
  /** The same to an address. */
  relative(opcode: readonly number[], address: number): void {
    this.emit(...opcode, ...word(address - (this.here + opcode.length + 4)));
  }
  finish(): Uint8Array {
    for (const { at, size, label } of this.fixups) {
      const value = this.labels[label]! - (this.base + at + size);
      if (size === 1 && (value < -128 || value > 127)) throw new Error('too far for a short branch');
      word(value)
        .slice(0, size)
        .forEach((byte, index) => {
          this.bytes[at + index] = byte;
        });
    }
    return Uint8Array.from(this.bytes);
  }
}

const word = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >> shift) & 0xff);

/** REX.W, opcode, two registers. */
const registers = (opcode: readonly number[], reg: number, rm: number): number[] => [
  ...[0x48 | ((reg >> 3) << 2) | (rm >> 3), ...opcode, 0xc0 | ((reg & 7) << 3) | (rm & 7)],
];
/** REX.W, opcode, register and [r15 + offset]. */
const memory = (opcode: readonly number[], reg: number, offset: number): number[] => [
  ...[0x49 | ((reg >> 3) << 2), ...opcode, 0x87 | ((reg & 7) << 3), ...word(offset)],
];

export class Generator {
  readonly code: Assembler;
  private readonly chance: Chance;
  private readonly functions: number[] = [];
  private depth = 0;

  constructor(chance: Chance, base: number = LAYOUT.code) {
    this.chance = chance;
    this.code = new Assembler(base);
  }

  /** A main program that ends at the address given back, and functions behind it. */
  program(size: number): number {
    this.functions.push(this.code.label(), this.code.label());
    for (let n = 0; n < size; n++) this.one();
    const end = this.code.here;
    this.code.emit(0xeb, 0xfe); // CPUs stop there
    for (const label of this.functions.splice(0)) {
      this.code.place(label);
      for (let n = 0; n < 3; n++) this.simple();
      this.code.emit(0xc3);
    }
    return end;
  }

  private below(limit: number): number {
    return Math.floor(this.chance() * limit);
  }
  private free(): number {
    return FREE[this.below(FREE.length)]!;
  }
  private offset(): number {
    return 8 * this.below(FIRST_PRIVATE / 8 - 16);
  }
  private one(): void {
    if (this.chance() < 0.5) this.simple();
    else this.pick(SPECIAL)(this);
  }
  simple(): void {
    this.pick(SIMPLE)(this);
  }
  private pick<T>(table: Readonly<Record<string, T>>): T {
    const rows = Object.values(table);
    return rows[this.below(rows.length)]!;
  }

  // Building blocks for the tables below

  emit(...bytes: readonly number[]): void {
    this.code.emit(...bytes);
  }
  two(...opcode: readonly number[]): void {
    this.emit(...registers(opcode, this.free(), this.free()));
  }
  touch(...opcode: readonly number[]): void {
    this.emit(...memory(opcode, this.free(), this.offset()));
  }
  one_(...opcode: readonly number[]): void {
    const register = this.free();
    this.emit(0x48 | (register >> 3), ...opcode.slice(0, -1), opcode.at(-1)! | (register & 7));
  }
  condition(): number {
    return this.below(16);
  }
  byte(): number {
    return this.below(256);
  }
  number(): number {
    return this.below(2 ** 32) | 0;
  }
  get register(): number {
    return this.free();
  }
  count(most: number): number {
    return this.below(most + 1);
  }
  place(): number {
    return this.offset();
  }
  /** Simple instructions that are passed over, or not. */
  over(opcode: readonly number[], size: 1 | 4): void {
    const behind = this.code.label();
    this.code.branch(opcode, size, behind);
    for (let n = this.below(3); n >= 0; n--) this.simple();
    this.code.place(behind);
  }
  loop(opcode: number): void {
    this.emit(0xb8 + RCX, ...word(1 + this.below(4)));
    const top = this.code.label();
    this.code.place(top);
    this.simple();
    if (this.chance() < 0.3) this.emit(0xf3, 0x90);
    this.code.branch([opcode], 1, top);
  }
  call(how: 'direct' | 'indirect'): void {
    if (this.functions.length === 0) return;
    const label = this.functions[this.below(this.functions.length)]!;
    if (how === 'direct') {
      this.code.branch([0xe8], 4, label);
      return;
    }
    this.code.branch([0x48, 0x8d, 0x05], 4, label); // lea rax, [rip + …]
    this.emit(0xff, 0xd0);
  }
  jumpThrough(): void {
    const label = this.code.label();
    this.code.branch([0x48, 0x8d, 0x05], 4, label);
    this.emit(0xff, 0xe0);
    this.simple();
    this.code.place(label);
  }
  nested(body: () => void): void {
    if (this.depth > 0) return;
    this.depth++;
    body();
    this.depth--;
  }
  simples(most: number): void {
    for (let n = this.below(most); n >= 0; n--) this.simple();
  }
  toUserMode(): void {
    const user = this.code.label();
    this.emit(0x48, 0x89, 0xe0); // mov rax, rsp
    this.emit(0x6a, 0x1b);
    this.emit(0x50);
    this.emit(0x9c);
    this.emit(0x6a, 0x23);
    this.code.branch([0x48, 0x8d, 0x05], 4, user);
    this.emit(0x50);
    this.emit(0x48, 0xcf);
    this.code.place(user);
  }
}

const ARITHMETIC: readonly number[] = [0x01, 0x09, 0x11, 0x19, 0x21, 0x29, 0x31, 0x39, 0x85];

/** No stack, no privilege, no rcx. */
const SIMPLE: Readonly<Record<string, (it: Generator) => void>> = {
  arithmetic: (it) => it.two(ARITHMETIC[it.count(ARITHMETIC.length - 1)]!),
  move: (it) => it.two(0x89),
  load: (it) => it.touch(0x8b),
  store: (it) => it.touch(0x89),
  addToMemory: (it) => it.touch(0x01),
  immediate: (it) => {
    const register = it.register;
    it.emit(0x48 | (register >> 3), 0xc7, 0xc0 | (register & 7), ...word(it.number()));
  },
  shift: (it) => {
    it.one_(0xc1, 0xe0);
    it.code.bytes.push(it.count(63));
  },
  multiply: (it) => it.two(0x0f, 0xaf),
  set: (it) => it.one_(0x0f, 0x90 | it.condition(), 0xc0),
  conditionalMove: (it) => it.two(0x0f, 0x40 | it.condition()),
  swap: (it) => it.two(0x87),
  bytes: (it) => it.one_(0x0f, 0xc8),
  not: (it) => it.one_(0xf7, 0xd0),
  increment: (it) => it.one_(0xff, 0xc0),
  extend: (it) => it.two(0x0f, 0xbe),
  nop: (it) => it.emit(...[[0x90], [0x0f, 0x1f, 0x40, 0], [0xf3, 0x0f, 0x1e, 0xfa]][it.count(2)]!),
  address: (it) => it.code.relative([0x48, 0x8d, [0x05, 0x15, 0x1d, 0x35][it.count(3)]!], 0x12340),
  readRelative: (it) => it.code.relative([0x48, 0x8b, 0x15], LAYOUT.gdt + 8),
  compareRelative: (it) => {
    const target = LAYOUT.gdt + 16;
    // cmp qword [rip + …], imm8: the immediate is behind the displacement
    it.emit(0x48, 0x83, 0x3d, ...word(target - (it.code.here + 8)), it.byte());
  },
};

export const SPECIAL: Readonly<Record<string, (it: Generator) => void>> = {
  pushPop: (it) => {
    const [from, to] = [it.register, it.register];
    it.emit(...(from > 7 ? [0x41] : []), 0x50 | (from & 7));
    it.simple();
    it.emit(...(to > 7 ? [0x41] : []), 0x58 | (to & 7));
  },
  pushFlags: (it) => {
    it.emit(0x9c);
    it.emit(0x58 | (it.register & 3)); // rax, rcx, rdx, rbx
  },
  pushFlags16: (it) => {
    it.emit(0x66, 0x9c);
    it.emit(0x66, 0x58);
  },
  popFlags: (it) => {
    it.emit(0x68, ...word((it.number() & 0x8d5) | 0x202));
    it.emit(0x9d);
  },
  jcc: (it) => it.over([0x70 | it.condition()], 1),
  jccNear: (it) => it.over([0x0f, 0x80 | it.condition()], 4),
  jmp: (it) => it.over([0xeb], 1),
  jmpNear: (it) => it.over([0xe9], 4),
  jrcxz: (it) => {
    it.emit(0xb8 + RCX, ...word(it.count(1)));
    it.over([0xe3], 1);
  },
  loop: (it) => it.loop(0xe2),
  loope: (it) => it.loop(0xe1),
  loopne: (it) => it.loop(0xe0),
  call: (it) => it.call('direct'),
  callIndirect: (it) => it.call('indirect'),
  jumpIndirect: (it) => it.jumpThrough(),
  repStore: (it) => {
    it.emit(...memory([0x8d], 7, it.place()));
    it.emit(0xb8 + RCX, ...word(it.count(9)));
    it.emit(0xf3, 0xaa);
  },
  repMove: (it) => {
    it.emit(...memory([0x8d], 6, it.place()));
    it.emit(...memory([0x8d], 7, it.place()));
    it.emit(0xb8 + RCX, ...word(it.count(8)));
    it.emit(0xf3, 0x48, 0xa5);
  },
  repCompare: (it) => {
    it.emit(...memory([0x8d], 6, it.place()));
    it.emit(...memory([0x8d], 7, it.place()));
    it.emit(0xb8 + RCX, ...word(1 + it.count(8)));
    it.emit(it.count(1) ? 0xf3 : 0xf2, 0xa6);
  },
  interruptsOff: (it) => {
    it.emit(0xfa);
    it.simples(3);
    it.emit(0xfb);
  },
  interruptsOn: (it) => it.emit(0xfb),
  stackSegment: (it) => {
    it.emit(0xb8, ...word(0x10));
    it.emit(0x8e, 0xd0);
    it.simple();
  },
  halt: (it) => {
    it.emit(0xfa);
    it.emit(0xfb);
    it.emit(0xf4);
  },
  softwareInterrupt: (it) => it.emit(0xcd, INT),
  ownBreakpoint: (it) => it.emit(0xcc),
  undefinedOpcode: (it) => it.emit(0x0f, 0x0b),
  divisionByZero: (it) => {
    it.emit(0x45, 0x31, 0xc0);
    it.emit(0x49, 0xf7, 0xf0);
  },
  absentPage: (it) => {
    it.emit(0xe6, 0x81);
    const register = it.register;
    it.emit(0x49 | ((register >> 3) << 2), 0x01, 0x86 | ((register & 7) << 3), ...word(8 * it.count(100)));
  },
  absentPush: (it) => {
    it.emit(0xe6, 0x81);
    it.emit(0x41, 0xff, 0xb6, ...word(8 * it.count(100))); // push qword [r14 + …]
    it.emit(0x5a);
  },
  absentMove: (it) => {
    it.emit(0xe6, 0x81);
    it.emit(...memory([0x8d], 6, it.place()));
    it.emit(0x49, 0x8d, 0xbe, ...word(0x200)); // lea rdi, [r14 + …]
    it.emit(0xb8 + RCX, ...word(it.count(9)));
    it.emit(0xf3, 0xa4);
  },
  identify: (it) => it.emit(0x0f, 0xa2),
  modelSpecific: (it) => {
    it.emit(0xb8 + RCX, ...word(0xc0000100 | 0));
    it.emit(0x0f, 0x30);
    it.emit(0x0f, 0x32);
  },
  control: (it) => {
    it.emit(0x0f, 0x20, 0xd8);
    it.emit(0x0f, 0x22, 0xd8);
  },
  debugRegister: (it) => {
    it.emit(0x0f, 0x23, 0xc0);
    it.emit(0x0f, 0x21, 0xc2);
  },
  port: (it) => it.emit(0xe4, it.count(0x7f)),
  exchange: (it) => it.emit(0xf0, ...memory([0x0f, 0xc1], it.register, it.place())), // lock xadd
  stepItself: (it) =>
    it.nested(() => {
      it.emit(0x9c);
      it.emit(0x81, 0x0c, 0x24, ...word(0x100));
      it.emit(0x9d);
      for (let n = it.count(4); n >= 0; n--) {
        if (it.count(2) > 0) it.simple();
        else pickStepped(it);
      }
      it.emit(0x9c);
      it.emit(0x81, 0x24, 0x24, ...word(~0x100));
      it.emit(0x9d);
    }),
  userMode: (it) =>
    it.nested(() => {
      it.toUserMode();
      it.simples(3);
      if (it.count(1)) it.emit(0x0f, 0x05);
      it.simples(2);
      it.emit(0xcd, USER_TRIP_VECTOR);
    }),
};

/** What the guest single-steps besides simple instructions. */
function pickStepped(it: Generator): void {
  const names = ['pushPop', 'pushFlags', 'jcc', 'loop', 'call', 'callIndirect', 'repMove', 'stackSegment'];
  const more = ['softwareInterrupt', 'interruptsOff', 'absentPage', 'modelSpecific', 'ownBreakpoint'];
  const all = [...names, ...more];
  SPECIAL[all[it.count(all.length - 1)]!]!(it);
}

/** Counts of the handlers for interrupts and NMIs. */
export const COUNTERS = { interrupts: LAYOUT.private, nmis: LAYOUT.private + 8 } as const;

/** The guest's handlers, by vector. */
export function handlers(): readonly Assembler[] {
  const at = (vector: number, ...instructions: readonly (readonly number[])[]): Assembler => {
    const code = new Assembler(LAYOUT.handlers + 64 * vector);
    for (const bytes of instructions) code.emit(...bytes);
    return code;
  };
  const IRETQ = [0x48, 0xcf];
  const skip = (bytes: number) => [0x48, 0x83, 0x04, 0x24, bytes]; // add qword [rsp], …
  const bump = (address: number) => [0xf0, 0x48, 0xff, 0x04, 0x25, ...word(address)];
  /** Adds the saved rip to a word of the CPU's data. */
  const note = (offset: number) => [
    [0x50],
    [0x48, 0x8b, 0x44, 0x24, 0x08],
    [...memory([0x01], 0, offset)],
    [0x48, 0x8b, 0x44, 0x24, 0x18], // and the saved flags
    [...memory([0x01], 0, offset + 8)],
    [0x58],
  ];
  return [
    at(0, skip(3), IRETQ),
    at(1, ...note(FIRST_PRIVATE + 16), IRETQ),
    at(2, bump(COUNTERS.nmis), IRETQ),
    at(3, ...note(FIRST_PRIVATE), IRETQ),
    at(6, skip(2), IRETQ),
    at(14, [0x50], [0xe6, 0x80], [0x58], [0x48, 0x83, 0xc4, 0x08], IRETQ),
    at(IRQ, bump(COUNTERS.interrupts), IRETQ),
    at(INT, ...note(FIRST_PRIVATE), IRETQ),
    at(
      USER_TRIP_VECTOR,
      [0x48, 0x8b, 0x04, 0x24], // mov rax, [rsp]
      [0xff, 0x74, 0x24, 0x10],
      [0x9d],
      [0x48, 0x8b, 0x64, 0x24, 0x18], // mov rsp, [rsp + 24]
      [0xff, 0xe0],
    ),
    at(255, [...memory([0x89], RCX, FIRST_PRIVATE + 8)], [0x48, 0x0f, 0x07]), // SYSCALL
  ];
}
