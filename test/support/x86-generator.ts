/**
 * Random instructions for the differential test: every general instruction and operand form that compilers emit, encoded by
 * hand so that no encoder's idea of x86 comes in between.
 *
 * Operands stay valid by convention: R15 points to the data area, R14 is a small index, RSP to the stack area; nothing
 * writes R14, R15 or RSP but stack instructions. Others are anything. An item may be several instructions where one needs
 * a register to be set up (string instructions, RET).
 */
import { Random } from '../../src/emulator/random.ts';

/** Registers that instructions may write: not RSP, R14, R15. */
const FREE = [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13];
const INDEX_REGISTER = 14;
/** Where R15 points, for operands that say so themselves. */
export const DATA = 0x190000;
export const DATA_BYTES = 256;
/** R14 is below this. */
export const INDEX_LIMIT = 8;

export class Generator {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  /** A value of one of the kinds that find faults: small, large, at an edge, random. */
  value(): bigint {
    const random =
      (BigInt(this.below(2 ** 31)) << 33n) ^
      BigInt(this.below(2 ** 31)) ^
      (BigInt(this.below(2 ** 31)) << 17n);
    const edge = 1n << BigInt(this.below(64));
    const kinds = [
      0n,
      1n,
      -1n,
      edge,
      edge - 1n,
      -edge,
      ~edge,
      random,
      random,
      random & 0xffffffffn,
      BigInt(this.below(300)),
    ];
    return BigInt.asUintN(64, kinds[this.below(kinds.length)]!);
  }

  /** Bytes of one item. */
  next(): Uint8Array {
    const kind = KINDS[this.below(KINDS.length)]!;
    return Uint8Array.from(kind(this));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  free(): number {
    return this.pick(FREE);
  }

  bytes(count: number): number[] {
    return Array.from({ length: count }, () => this.below(256));
  }

  /** An immediate value of that many bytes; edges are as likely as anything. */
  immediate(count: number): number[] {
    const value = this.value();
    return Array.from({ length: count }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  }
}

type Kind = (g: Generator) => number[];

/** 1, 2, 4 and 8 bytes. */
type Size = 1 | 2 | 4 | 8;
const SIZES: readonly Size[] = [1, 2, 4, 8];
const WIDE: readonly Size[] = [2, 4, 8];

interface Operand {
  readonly modrm: readonly number[]; // without the reg field
  readonly rex: number; // X and B
  readonly isMemory: boolean;
  readonly register: number;
  readonly prefix?: number; // of address size
}

const little = (value: number): number[] => [
  value & 0xff,
  (value >> 8) & 0xff,
  (value >> 16) & 0xff,
  (value >> 24) & 0xff,
];

/** Memory in the data area, any way to write it. */
function memory(g: Generator): Operand {
  const displacement = g.below(DATA_BYTES / 2);
  const base = { isMemory: true, register: -1 };
  switch (g.below(8)) {
    case 0: // [r15 + disp8]
      return { ...base, modrm: [0x47, displacement & 0x7f], rex: 1 };
    case 1: // [r15 + disp32]
      return { ...base, modrm: [0x87, ...little(displacement)], rex: 1 };
    case 2: // [r15 + r14 * scale]
      return { ...base, modrm: [0x04, (g.below(4) << 6) | 0x37], rex: 3 };
    case 3: // [r15 + r14 * scale + disp8]
      return { ...base, modrm: [0x44, (g.below(4) << 6) | 0x37, displacement & 0x3f], rex: 3 };
    case 4: // [DATA + disp32]
      return { ...base, modrm: [0x04, 0x25, ...little(DATA + displacement)], rex: 0 };
    case 5: // [r15d + r14d * scale + disp8], 32-bit addresses
      return { ...base, modrm: [0x44, (g.below(4) << 6) | 0x37, displacement & 0x3f], rex: 3, prefix: 0x67 };
    case 6: // [rsp + disp8]
      return { ...base, modrm: [0x44, 0x24, g.below(48)], rex: 0 };
    default: // [r15]
      return { ...base, modrm: [0x07], rex: 1 };
  }
}

/** Byte registers 4 to 7 are AH CH DH BH without a REX prefix, and SPL BPL SIL DIL with one. */
function register(g: Generator): Operand {
  const number = g.free();
  return { modrm: [0xc0 | (number & 7)], rex: number >> 3, isMemory: false, register: number };
}

const anywhere = (g: Generator): Operand => (g.below(2) === 0 ? memory(g) : register(g));

/** Prefixes, opcode, ModRM. Byte operands sometimes go without REX to name AH and its like. */
function encode(size: Size, opcode: readonly number[], reg: number, rm: Operand, lock = false): number[] {
  const rex = (size === 8 ? 8 : 0) | ((reg >> 3) << 2) | rm.rex;
  const forced = size === 1 && rex === 0 && (reg >= 4 || rm.register >= 4);
  const modrm = [...rm.modrm];
  modrm[0]! |= (reg & 7) << 3;
  const prefixes = [
    ...(rm.prefix ? [rm.prefix] : []),
    ...(lock && rm.isMemory ? [0xf0] : []),
    ...(size === 2 ? [0x66] : []),
  ];
  const rexByte = rex !== 0 || forced ? [0x40 | rex] : [];
  return [...prefixes, ...rexByte, ...opcode, ...modrm];
}

/** With AH CH DH BH on either side. */
const highBytes = (g: Generator, opcode: number): number[] => [opcode, 0xc0 | (g.below(8) << 3) | g.below(8)];

const alu: Kind = (g) => {
  const operation = g.below(8);
  const size = g.pick(SIZES);
  const wide = size === 1 ? 0 : 1;
  const opcode = operation << 3;
  const lock = operation !== 7 && g.below(8) === 0;
  switch (g.below(6)) {
    case 0:
      return encode(size, [opcode | wide], g.free(), anywhere(g), lock);
    case 1:
      return encode(size, [opcode | 2 | wide], g.free(), anywhere(g));
    case 2: {
      const bytes = size === 1 ? 1 : size === 2 ? 2 : 4;
      return [...encode(size, [0x80 | wide], operation, anywhere(g), lock), ...g.immediate(bytes)];
    }
    case 3:
      return [...encode(size === 1 ? 4 : size, [0x83], operation, anywhere(g), lock), ...g.immediate(1)];
    case 4: // accumulator
      return [
        ...(size === 2 ? [0x66] : size === 8 ? [0x48] : []),
        opcode | 4 | wide,
        ...g.immediate(size === 8 ? 4 : size),
      ];
    default:
      return operation === 7 ? highBytes(g, opcode) : highBytes(g, (g.below(8) << 3) | 2);
  }
};

const test: Kind = (g) => {
  const size = g.pick(SIZES);
  const wide = size === 1 ? 0 : 1;
  if (g.below(2) === 0) return encode(size, [0x84 | wide], g.free(), anywhere(g));
  return [...encode(size, [0xf6 | wide], 0, anywhere(g)), ...g.immediate(size === 8 ? 4 : size)];
};

const mov: Kind = (g) => {
  const size = g.pick(SIZES);
  const wide = size === 1 ? 0 : 1;
  switch (g.below(4)) {
    case 0:
      return encode(size, [0x88 | wide], g.free(), anywhere(g));
    case 1:
      return encode(size, [0x8a | wide], g.free(), anywhere(g));
    case 2:
      return [...encode(size, [0xc6 | wide], 0, anywhere(g)), ...g.immediate(size === 8 ? 4 : size)];
    default: {
      const to = g.free();
      return [0x48 | (to >> 3), 0xb8 | (to & 7), ...g.immediate(8)];
    }
  }
};

const extend: Kind = (g) => {
  const size = g.pick(WIDE);
  if (g.below(4) === 0) return encode(8, [0x63], g.free(), anywhere(g));
  const from: Size = g.below(2) === 0 ? 1 : 2;
  const opcode = (g.below(2) === 0 ? 0xb6 : 0xbe) | (from === 2 ? 1 : 0);
  const source = anywhere(g);
  // Source SPL … DIL take a REX prefix; without one they are AH … BH, which is meant too.
  return encode(size, [0x0f, opcode], g.free(), source);
};

const lea: Kind = (g) => {
  const displacement = g.immediate(4);
  const [base, index, to] = [g.free(), g.free(), g.free()];
  const size = g.pick(WIDE);
  const rex = (size === 8 ? 8 : 0) | ((to >> 3) << 2) | ((index >> 3) << 1) | (base >> 3);
  const narrow = g.below(4) === 0 ? [0x67] : [];
  const prefix = size === 2 ? [0x66] : [];
  return [
    ...narrow,
    ...prefix,
    0x40 | rex,
    0x8d,
    0x84 | ((to & 7) << 3),
    (g.below(4) << 6) | ((index & 7) << 3) | (base & 7),
    ...displacement,
  ];
};

const exchange: Kind = (g) => {
  const size = g.pick(SIZES);
  const wide = size === 1 ? 0 : 1;
  switch (g.below(4)) {
    case 0:
      return encode(size, [0x86 | wide], g.free(), anywhere(g));
    case 1:
      return encode(size, [0x0f, 0xc0 | wide], g.free(), anywhere(g), g.below(2) === 0);
    case 2:
      return encode(size, [0x0f, 0xb0 | wide], g.free(), anywhere(g), g.below(2) === 0);
    default: {
      const target = memory(g);
      return encode(g.below(2) === 0 ? 4 : 8, [0x0f, 0xc7], 1, { ...target, modrm: [0x07], rex: 1 });
    }
  }
};

/** INC DEC NOT NEG MUL IMUL. */
const unary: Kind = (g) => {
  const size = g.pick(SIZES);
  const wide = size === 1 ? 0 : 1;
  if (g.below(2) === 0) return encode(size, [0xfe | wide], g.below(2), anywhere(g), g.below(8) === 0);
  const operation = g.pick([2, 3, 4, 5]);
  return encode(size, [0xf6 | wide], operation, anywhere(g), operation < 4 && g.below(8) === 0);
};

/** Half of them with a dividend that was extended from the accumulator, so that they do not overflow. */
const divide: Kind = (g) => {
  const size = g.pick(SIZES);
  const wide = size === 1 ? 0 : 1;
  const signed = g.below(2);
  const prefix = size === 2 ? [0x66] : size === 8 ? [0x48] : [];
  const extension = size === 1 ? [0x66, 0x98] : signed ? [...prefix, 0x99] : [0x31, 0xd2];
  return [...(g.below(4) === 0 ? [] : extension), ...encode(size, [0xf6 | wide], 6 + signed, anywhere(g))];
};

const imul: Kind = (g) => {
  const size = g.pick(WIDE);
  switch (g.below(3)) {
    case 0:
      return encode(size, [0x0f, 0xaf], g.free(), anywhere(g));
    case 1:
      return [...encode(size, [0x6b], g.free(), anywhere(g)), ...g.immediate(1)];
    default:
      return [...encode(size, [0x69], g.free(), anywhere(g)), ...g.immediate(size === 2 ? 2 : 4)];
  }
};

/** ROL ROR RCL RCR SHL SHR SAL SAR, by 1, by CL, by an immediate; counts beyond the operand too. */
const shift: Kind = (g) => {
  const size = g.pick(SIZES);
  const wide = size === 1 ? 0 : 1;
  const operation = g.below(8);
  switch (g.below(3)) {
    case 0:
      return encode(size, [0xd0 | wide], operation, anywhere(g));
    case 1:
      return encode(size, [0xd2 | wide], operation, anywhere(g));
    default:
      return [
        ...encode(size, [0xc0 | wide], operation, anywhere(g)),
        g.below(4) === 0 ? g.below(256) : g.below(66),
      ];
  }
};

const doubleShift: Kind = (g) => {
  const size = g.pick(WIDE);
  const right = g.below(2) * 8;
  if (g.below(2) === 0) return encode(size, [0x0f, 0xa5 | right], g.free(), anywhere(g));
  return [...encode(size, [0x0f, 0xa4 | right], g.free(), anywhere(g)), g.below(66)];
};

const bits: Kind = (g) => {
  const size = g.pick(WIDE);
  const operation = g.below(4);
  switch (g.below(4)) {
    case 0:
      return [...encode(size, [0x0f, 0xba], 4 + operation, anywhere(g)), g.below(256)];
    case 1:
      return encode(size, [0x0f, 0xa3 | (operation << 3)], g.free(), register(g));
    case 2: // a bit string in memory, indexed by R14
      return encode(size, [0x0f, 0xa3 | (operation << 3)], INDEX_REGISTER, memory(g));
    default:
      return encode(size, [0x0f, 0xbc | g.below(2)], g.free(), anywhere(g));
  }
};

const swapBytes: Kind = (g) => {
  const number = g.free();
  return [0x40 | (g.below(2) << 3) | (number >> 3), 0x0f, 0xc8 | (number & 7)];
};

const setAndMove: Kind = (g) =>
  g.below(2) === 0
    ? encode(1, [0x0f, 0x90 | g.below(16)], 0, anywhere(g))
    : encode(g.pick(WIDE), [0x0f, 0x40 | g.below(16)], g.free(), anywhere(g));

/** CBW … CQO, LAHF, SAHF, CLC, STC, CMC, CLD, STD. Not PAUSE: QEMU's single step of it covers the next instruction too. */
const simple: Kind = (g) =>
  g.pick([
    [0x66, 0x98],
    [0x98],
    [0x48, 0x98],
    [0x66, 0x99],
    [0x99],
    [0x48, 0x99],
    [0x9f],
    [0x9e],
    [0xf8],
    [0xf9],
    [0xf5],
    [0xfc],
    [0xfd],
    [0x90],
    [0x0f, 0x1f, 0x44, 0, 0],
    [0xf3, 0x0f, 0x1e, 0xfa],
  ]);

const POPPED_FLAGS = [0xd5, 0x8d5, 0x400, 0x0, 0x240ed7, 0x41];

/** What is pushed is popped, so that the stack pointer stays in its area. */
const stack: Kind = (g) => {
  const pushed = g.free();
  const popped = g.free();
  const pop = [...(popped > 7 ? [0x41] : []), 0x58 | (popped & 7)];
  const push = [...(pushed > 7 ? [0x41] : []), 0x50 | (pushed & 7)];
  switch (g.below(9)) {
    case 0:
      return [...push, ...pop];
    case 1:
      return [0x6a, ...g.immediate(1), ...pop];
    case 2:
      return [0x68, ...g.immediate(4), ...pop];
    case 3:
      return [...encode(4, [0xff], 6, anywhere(g)), ...pop];
    case 4:
      return [...push, ...encode(4, [0x8f], 0, anywhere(g))];
    case 5:
      return [0x66, 0x50, 0x66, 0x59]; // push ax, pop cx
    case 6:
      return [0x9c, ...pop];
    case 7:
      return [0x68, ...little(g.pick(POPPED_FLAGS) & ~0x200), 0x9d];
    default:
      return [0xc8, g.below(64), 0, 0, 0xc9]; // enter, leave
  }
};

const TWO_BYTE_NOP = [0x66, 0x90];

/** Forward over two bytes, or not. */
const branch: Kind = (g) => {
  switch (g.below(6)) {
    case 0:
      return [0x70 | g.below(16), 2, ...TWO_BYTE_NOP];
    case 1:
      return [0x0f, 0x80 | g.below(16), 2, 0, 0, 0, ...TWO_BYTE_NOP];
    case 2:
      return [g.pick([0xe0, 0xe1, 0xe2, 0xe3]), 2, ...TWO_BYTE_NOP];
    case 3:
      return [0xeb, 2, ...TWO_BYTE_NOP];
    case 4:
      return [0xe8, 2, 0, 0, 0, ...TWO_BYTE_NOP, 0x58]; // call over a nop, pop rax
    default: // lea rax, [rip + 2]; push rax; ret
      return [0x48, 0x8d, 0x05, 2, 0, 0, 0, 0x50, 0xc3];
  }
};

/** lea rsi / rdi / rbx, [r15 + n]; ecx := a small count; the instruction. */
const string: Kind = (g) => {
  const size = g.pick(SIZES);
  const wide = size === 1 ? 0 : 1;
  const prefix = size === 2 ? [0x66] : [];
  const rex = size === 8 ? [0x48] : [];
  const point = (reg: number): number[] => [0x49, 0x8d, 0x47 | (reg << 3), 64 + g.below(32)];
  const opcode = g.pick([0xa4, 0xa6, 0xaa, 0xac, 0xae]) | wide;
  const repeat = g.pick([[], [0xf3], [0xf2]]);
  const repeats =
    opcode >= 0xaa && opcode < 0xae
      ? repeat.slice(0, 1).map(() => 0xf3)
      : opcode < 0xa6
        ? repeat.map(() => 0xf3)
        : repeat;
  const count = repeats.length > 0 ? [0xb9, ...little(g.below(5))] : [];
  return [...point(6), ...point(7), ...count, ...prefix, ...repeats, ...rex, opcode];
};

/** The accumulator and an address of 64 bits. */
const absolute: Kind = (g) => {
  const size = g.pick(SIZES);
  const opcode = 0xa0 | (g.below(2) << 1) | (size === 1 ? 0 : 1);
  const prefix = size === 2 ? [0x66] : size === 8 ? [0x48] : [];
  return [...prefix, opcode, ...little(DATA + g.below(DATA_BYTES - 8)), 0, 0, 0, 0];
};

/** Segment registers and what else of the system can be read. */
const systemReads: Kind = (g) => {
  const size = g.pick(WIDE);
  switch (g.below(5)) {
    case 0:
      return encode(size, [0x8c], g.below(6), anywhere(g));
    case 1:
      return [0x0f, g.pick([0xa0, 0xa8]), 0x58]; // push fs or gs; pop rax
    case 2:
      return encode(size, [0x0f, 0x00], g.below(2), register(g)); // sldt, str
    case 3: {
      const to = g.pick([0, 1, 2, 3, 5, 6, 7]);
      return [0x0f, 0x20, 0xc0 | (g.pick([0, 3, 4]) << 3) | to]; // mov reg, cr0 / cr3 / cr4
    }
    default:
      return encode(size, [0x0f, 0x01], 4, register(g)); // smsw
  }
};

const translateByte: Kind = () => [0x49, 0x8d, 0x5f, 0, 0x24, 0x7f, 0xd7]; // lea rbx, [r15]; and al, 0x7f; xlat

/** Weights by repetition. */
const KINDS: readonly Kind[] = [
  ...[alu, alu, alu, alu, alu, test, mov, mov, extend, lea, exchange, exchange, unary, unary, divide],
  ...[
    imul,
    shift,
    shift,
    shift,
    doubleShift,
    bits,
    bits,
    swapBytes,
    setAndMove,
    simple,
    stack,
    stack,
    branch,
    branch,
  ],
  ...[string, translateByte, absolute, systemReads],
];
