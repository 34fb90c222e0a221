/**
 * Decoded instructions → operations: which handler runs, with which operands.
 *
 * In: code bytes from a place in a page, read by iced-x86. Out: operations in the order of the code, up to one that ends a
 * block. Decoding costs microseconds and is done once per address; so everything that can be decided here is. One table row
 * per instruction (INSTRUCTIONS, by iced's mnemonic). What has no row is an undefined opcode to the guest: floating point,
 * vectors, virtualisation, and instructions that the emulated CPU does not announce.
 */
import type * as Iced from 'iced-x86';
import * as alu from './alu.ts';
import * as control from './control.ts';
import { type Bitness, FS, GS, type Handler, type Operation, PAGE, SEGMENT_BASE, SS, ZERO } from './cpu.ts';
import * as far from './far.ts';
import * as moves from './moves.ts';
import * as multiply from './multiply.ts';
import {
  type Access,
  address16,
  address32,
  baseAddress,
  FIRST_HIGH_BYTE,
  FIRST_REGISTER,
  fullAddress,
  IMMEDIATE,
  MEMORY,
  type OperandBytes,
  SECOND_HIGH_BYTE,
  SECOND_REGISTER,
} from './operands.ts';
import * as ports from './ports.ts';
import * as shifts from './shifts.ts';
import * as strings from './strings.ts';
import * as system from './system.ts';

type IcedModule = typeof Iced;

/** A block is at most this long, so that interrupts need not wait. */
const MAX_BLOCK = 32;
export const MAX_INSTRUCTION_BYTES = 15;

export async function openTranslator(): Promise<Translator> {
  const loaded = (await import('iced-x86')) as IcedModule & { readonly default?: IcedModule };
  return new Translator(loaded.default ?? loaded);
}

export class Translator {
  private readonly iced: IcedModule;
  private readonly instruction: Iced.Instruction;

  constructor(iced: IcedModule) {
    this.iced = iced;
    this.instruction = new iced.Instruction();
  }

  /**
   * Operations from `offset` of a page, whose bytes from there on are given (beyond its end too, if they are known). Empty
   * when the bytes end within the first instruction. `starts` says where another block has to begin.
   */
  block(
    bytes: Uint8Array,
    offset: number,
    bitness: Bitness,
    starts?: (offset: number) => boolean,
    most = MAX_BLOCK,
  ): Operation[] {
    const { iced, instruction } = this;
    const decoder = new iced.Decoder(bitness, bytes, iced.DecoderOptions.None);
    const operations: Operation[] = [];
    try {
      decoder.ip = BigInt(offset);
      while (decoder.canDecode && operations.length < most) {
        const at = offset + decoder.position;
        if (operations.length > 0 && (at >= PAGE_BYTES || starts?.(at))) break;
        decoder.decodeOut(instruction);
        if (instruction.isInvalid && decoder.lastError === iced.DecoderError.NoMoreBytes) break;
        const operation = this.translate(at, bitness);
        if (operation.end > PAGE_BYTES && operations.length > 0) break; // it gets a block of its own
        operations.push(operation);
        if (operation.ends) break;
      }
    } finally {
      decoder.free();
    }
    return operations;
  }

  private translate(offset: number, bitness: Bitness): Operation {
    const { iced, instruction } = this;
    const op = emptyOperation(offset, offset + (instruction.isInvalid ? 1 : instruction.length));
    if (instruction.isInvalid) {
      op.ends = true;
      return op;
    }
    const mnemonic = iced.Mnemonic[instruction.mnemonic] ?? '';
    op.mnemonic = mnemonic;
    const source = new Decoded(iced, instruction, bitness);
    const row = INSTRUCTIONS[mnemonic];
    if (row === undefined) {
      op.ends = true;
      return op;
    }
    source.fillOperands(op);
    row(op, source);
    return op;
  }
}

const PAGE_BYTES = 4096;

function emptyOperation(offset: number, end: number): Operation {
  return {
    run: system.undefinedOpcode,
    get: IMMEDIATE.get,
    set: IMMEDIATE.set,
    put: IMMEDIATE.put,
    get2: IMMEDIATE.get,
    set2: IMMEDIATE.set,
    slot: -1,
    slot2: -1,
    base: -1,
    index: ZERO,
    scale: 0,
    displacementLow: 0,
    displacementHigh: 0,
    segment: ZERO,
    address: fullAddress,
    low: 0,
    high: 0,
    size: 4,
    narrow: 0,
    extra: 0,
    offset,
    end,
    ends: false,
    setsRip: false,
    mnemonic: '',
  };
}

interface Place {
  readonly kind: 'register' | 'memory' | 'immediate' | 'branch' | 'far' | 'other';
  readonly size: number;
}

/** Questions that table rows ask of the instruction. */
class Decoded {
  readonly bitness: Bitness;
  readonly code: string;
  private readonly iced: IcedModule;
  private readonly instruction: Iced.Instruction;

  constructor(iced: IcedModule, instruction: Iced.Instruction, bitness: Bitness) {
    this.iced = iced;
    this.instruction = instruction;
    this.bitness = bitness;
    this.code = iced.Code[instruction.code] ?? '';
  }

  get count(): number {
    return this.instruction.opCount;
  }

  /** Bytes that the instruction moves the stack pointer by. */
  get stackBytes(): number {
    return Math.abs(this.instruction.stackPointerIncrement);
  }

  get repeat(): number {
    if (this.instruction.hasRepnePrefix) return strings.REPEAT_NOT_EQUAL;
    return this.instruction.hasRepPrefix ? strings.REPEAT : strings.NO_REPEAT;
  }

  kindName(index: number): string {
    return this.iced.OpKind[this.instruction.opKind(index)] ?? '';
  }

  register(index: number): number {
    return this.instruction.opRegister(index);
  }

  place(index: number): Place {
    const name = this.kindName(index);
    if (name === 'Register') return { kind: 'register', size: registerBytes(this.register(index)) };
    if (name === 'Memory')
      return { kind: 'memory', size: this.iced.MemorySizeExt.size(this.instruction.memorySize) };
    if (name.startsWith('Immediate')) return { kind: 'immediate', size: 0 };
    if (name.startsWith('NearBranch')) return { kind: 'branch', size: 0 };
    return { kind: name.startsWith('FarBranch') ? 'far' : 'other', size: 0 };
  }

  /** Segment register number of an operand, or −1. */
  segmentNumber(index: number): number {
    return this.special(index, this.iced.Register.ES, 6);
  }

  controlNumber(index: number): number {
    return this.special(index, this.iced.Register.CR0, 16);
  }

  debugNumber(index: number): number {
    return this.special(index, this.iced.Register.DR0, 16);
  }

  private special(index: number, first: number, count: number): number {
    if (this.count <= index || this.kindName(index) !== 'Register') return -1;
    const number = this.register(index) - first;
    return number >= 0 && number < count ? number : -1;
  }

  immediate(index: number): bigint {
    return this.instruction.immediate(index);
  }

  get farSelector(): number {
    return this.instruction.farBranchSelector;
  }

  get farOffset(): number {
    return (
      (this.kindName(0) === 'FarBranch16' ? this.instruction.farBranch16 : this.instruction.farBranch32) | 0
    );
  }

  /** Segment register that the memory operand is in: its base's slot, ZERO in 64-bit code but for FS and GS. */
  get segment(): number {
    const number = this.instruction.memorySegment - this.iced.Register.ES;
    if (number < 0 || number > GS) return ZERO;
    return this.bitness === 64 && number < FS ? ZERO : SEGMENT_BASE[number]!;
  }

  fillOperands(op: Operation): void {
    const { count } = this;
    for (let index = 0; index < count && index < 3; index++) {
      const place = this.place(index);
      if (place.kind === 'memory') this.fillAddress(op);
      if (place.kind === 'immediate' && this.kindName(index) !== 'Immediate8_2nd') {
        const value = this.immediate(index);
        op.low = Number(BigInt.asIntN(32, value));
        op.high = Number(BigInt.asIntN(32, value >> 32n));
      }
      if (place.kind === 'branch') {
        const target = BigInt.asIntN(this.bitness === 64 ? 64 : 32, this.instruction.nearBranchTarget);
        op.low = Number(BigInt.asIntN(32, target));
        op.high = Number(BigInt.asIntN(32, target >> 32n));
      }
    }
    const first = count > 0 ? this.place(0) : undefined;
    const second = count > 1 ? this.place(1) : undefined;
    setSize(op, first?.size || second?.size || 4);
    if (first) this.fillFirst(op, first);
    if (second) this.fillSecond(op, second);
    const hasImmediate = second?.kind === 'immediate' || (count > 2 && this.place(2).kind === 'immediate');
    if (hasImmediate && op.size < 8) {
      op.low = (op.low << op.narrow) >> op.narrow;
      op.high = op.low >> 31;
    }
  }

  private fillFirst(op: Operation, place: Place): void {
    const access = this.access(0, place, FIRST_REGISTER, FIRST_HIGH_BYTE);
    if (access === undefined) return;
    op.get = access.get;
    op.set = access.set;
    op.put = access.put;
    if (place.kind === 'register') op.slot = registerSlot(this.register(0));
  }

  private fillSecond(op: Operation, place: Place): void {
    const access = this.access(1, place, SECOND_REGISTER, SECOND_HIGH_BYTE);
    if (access === undefined) return;
    op.get2 = access.get;
    op.set2 = access.set;
    if (place.kind === 'register') op.slot2 = registerSlot(this.register(1));
  }

  private access(
    index: number,
    place: Place,
    registers: Readonly<Record<OperandBytes, Access>>,
    highByte: Access,
  ): Access | undefined {
    if (place.kind === 'immediate') return IMMEDIATE;
    const size = place.size as OperandBytes;
    if (place.kind === 'memory') return MEMORY[size];
    if (place.kind !== 'register' || place.size === 0) return undefined;
    return isHighByte(this.register(index)) ? highByte : registers[size];
  }

  private fillAddress(op: Operation): void {
    const { instruction, iced } = this;
    const { None, RIP, EIP } = iced.Register;
    const base = instruction.memoryBase;
    const index = instruction.memoryIndex;
    const isRelative = base === RIP || base === EIP;
    op.base = base === None ? ZERO : isRelative ? PAGE : registerSlot(base);
    op.index = index === None ? ZERO : registerSlot(index);
    op.scale = Math.log2(instruction.memoryIndexScale);
    const displacement = instruction.memoryDisplacement;
    op.displacementLow = Number(BigInt.asIntN(32, displacement));
    op.displacementHigh = Number(BigInt.asIntN(32, displacement >> 32n));
    op.segment = this.segment;
    const width = this.addressWidth(base, index);
    if (width === 8) op.address = op.index === ZERO && op.segment === ZERO ? baseAddress : fullAddress;
    else op.address = width === 4 ? address32 : address16;
  }

  private addressWidth(base: number, index: number): number {
    const { RIP, EIP, None } = this.iced.Register;
    if (base === RIP) return 8;
    if (base === EIP) return 4;
    const register = base === None ? index : base;
    if (register !== None) return registerBytes(register);
    const size = this.instruction.memoryDisplSize;
    return size === 4 && this.bitness === 64 ? 8 : size;
  }
}

function setSize(op: Operation, size: number): void {
  op.size = size;
  op.narrow = size >= 4 ? 0 : 32 - 8 * size;
}

// Numbers of iced's general registers: 8 bits from 1 (AH CH DH BH are 5 to 8), 16 from 21, 32 from 37, 64 from 53.
const isHighByte = (register: number): boolean => register >= 5 && register <= 8;

function registerBytes(register: number): number {
  if (register >= 1 && register <= 20) return 1;
  if (register >= 21 && register <= 36) return 2;
  if (register >= 37 && register <= 52) return 4;
  return register >= 53 && register <= 68 ? 8 : 0;
}

function registerSlot(register: number): number {
  if (register >= 53) return 2 * (register - 53);
  if (register >= 37) return 2 * (register - 37);
  if (register >= 21) return 2 * (register - 21);
  if (register >= 9) return 2 * (register - 5);
  return 2 * (register >= 5 ? register - 5 : register - 1);
}

/** What a row does to the operation. */
type Row = (op: Operation, from: Decoded) => void;

const run =
  (handler: Handler): Row =>
  (op) => {
    op.run = handler;
  };

const bySize =
  (short: Handler, long: Handler): Row =>
  (op) => {
    op.run = op.size === 8 ? long : short;
  };

interface RegisterForms {
  readonly r32: Handler;
  readonly r64: Handler;
}

/** With forms of their own where the first operand is a register and the second a register or immediate. */
const withForms =
  (short: Handler, long: Handler, { r32, r64 }: RegisterForms): Row =>
  (op) => {
    const plain = op.base < 0 && op.slot >= 0;
    if (op.size === 8) op.run = plain ? r64 : long;
    else op.run = plain && op.size === 4 ? r32 : short;
  };

/** The block ends here, though control goes on behind. */
const ending =
  (row: Row): Row =>
  (op, from) => {
    row(op, from);
    op.ends = true;
  };

const branching =
  (row: Row): Row =>
  (op, from) => {
    row(op, from);
    op.ends = true;
    op.setsRip = true;
  };

const mov: Row = (op, from) => {
  const kinds = from.count === 2 ? [from.place(0), from.place(1)] : [];
  const [to, source] = kinds;
  if (special(op, from)) return;
  op.run = moves.mov;
  if (!to || !source || (op.size !== 8 && op.size !== 4)) return;
  const long = op.size === 8;
  if (to.kind === 'register' && source.kind === 'register')
    op.run = long ? moves.movRegister64 : moves.movRegister32;
  else if (to.kind === 'register' && source.kind === 'immediate') {
    op.run = moves.movImmediate;
    if (!long) op.high = 0;
  } else if (to.kind === 'register') op.run = long ? moves.load64 : moves.load32;
  else if (source.kind === 'register') op.run = long ? moves.store64 : moves.store32;
};

/** MOV with a segment, control or debug register. */
function special(op: Operation, from: Decoded): boolean {
  const rows: readonly (readonly [number, number, Handler, Handler])[] = [
    [from.segmentNumber(0), from.segmentNumber(1), system.writeSegment, system.readSegment],
    [from.controlNumber(0), from.controlNumber(1), system.writeControl, system.readControl],
    [from.debugNumber(0), from.debugNumber(1), system.writeDebug, system.readDebug],
  ];
  for (const [to, source, write, read] of rows) {
    if (to < 0 && source < 0) continue;
    op.extra = to >= 0 ? to : source;
    op.run = to >= 0 ? write : read;
    op.ends = to >= 0 && (write !== system.writeSegment || to === SS);
    return true;
  }
  return false;
}

const CONDITIONS = ['o', 'no', 'b', 'ae', 'e', 'ne', 'be', 'a', 's', 'ns', 'p', 'np', 'l', 'ge', 'le', 'g'];

function conditional(prefix: string, make: (code: number) => Row): Record<string, Row> {
  return Object.fromEntries(CONDITIONS.map((name, code) => [prefix + name, make(code)]));
}

const withExtra =
  (handler: Handler, extra: number): Row =>
  (op) => {
    op.run = handler;
    op.extra = extra;
  };

const jumpIf = (code: number): Row =>
  branching(withExtra(code === 4 ? control.je : code === 5 ? control.jne : control.jcc, code));

const jmp: Row = branching((op, from) => {
  const { kind } = from.place(0);
  if (kind === 'branch') op.run = control.jmp;
  else if (kind === 'far') {
    op.run = far.jmpFarDirect;
    op.extra = from.farSelector;
    op.low = from.farOffset;
  } else if (isFarPointer(from)) {
    setSize(op, farSize(from));
    op.run = far.jmpFar;
  } else op.run = control.jmpIndirect;
});

const isFarPointer = ({ code }: Decoded): boolean => /_m16\d\d$/.test(code);
const farSize = ({ code }: Decoded): number => (code.endsWith('64') ? 8 : code.endsWith('32') ? 4 : 2);

const call: Row = branching((op, from) => {
  const { kind } = from.place(0);
  const bytes = from.stackBytes;
  if (kind === 'branch') {
    op.run = control.call;
    setSize(op, bytes);
  } else if (kind === 'far') {
    op.run = far.callFarDirect;
    op.extra = from.farSelector;
    op.low = from.farOffset;
    setSize(op, bytes / 2);
  } else if (isFarPointer(from)) {
    op.run = far.callFar;
    setSize(op, farSize(from));
  } else op.run = control.callIndirect;
});

/** `low` is the immediate already, 0 without one. */
const ret: Row = branching((op, from) => {
  op.run = control.ret;
  op.low &= 0xffff;
  setSize(op, from.stackBytes - op.low);
});

const retf: Row = branching((op, from) => {
  op.run = far.retFar;
  op.low &= 0xffff;
  setSize(op, (from.stackBytes - op.low) / 2);
});

const sized =
  (handler: Handler, size: number): Row =>
  (op) => {
    op.run = handler;
    setSize(op, size);
  };

/** Width by the last letter of the code: w, d, q. */
const bySuffix =
  (handler: Handler): Row =>
  (op, from) => {
    const suffix = from.code.split('_')[0]!.at(-1);
    op.run = handler;
    setSize(op, suffix === 'q' ? 8 : suffix === 'd' ? 4 : 2);
  };

const push: Row = (op, from) => {
  const segment = from.segmentNumber(0);
  op.run = control.pushOperand;
  setSize(op, from.stackBytes);
  if (segment >= 0) {
    op.run = system.pushSegment;
    op.extra = segment;
  } else if (op.size === 8 && from.place(0).kind === 'register') op.run = control.pushRegister64;
};

const pop: Row = (op, from) => {
  const segment = from.segmentNumber(0);
  op.run = control.popOperand;
  setSize(op, from.stackBytes);
  if (segment >= 0) {
    op.run = system.popSegment;
    op.extra = segment;
    op.ends = segment === SS;
  } else if (op.size === 8 && from.place(0).kind === 'register') op.run = control.popRegister64;
};

const loop = (extra: number): Row =>
  branching((op, { code }) => {
    op.run = control.loop;
    op.extra = extra;
    setSize(op, code.endsWith('_RCX') ? 8 : code.endsWith('_ECX') ? 4 : 2);
  });

function stringRows(name: string, handler: Handler, sizes = 'bwdq'): Record<string, Row> {
  const bytes: Readonly<Record<string, number>> = { b: 1, w: 2, d: 4, q: 8 };
  const row = (size: number): Row =>
    branching((op, from) => {
      const kinds = [from.kindName(0), from.count > 1 ? from.kindName(1) : ''].filter((kind) =>
        /DI$|SI$/.test(kind),
      );
      if (kinds.length === 0) {
        op.setsRip = false; // MOVSD and CMPSD of vectors
        return;
      }
      op.run = handler;
      setSize(op, size);
      op.slot = /R[DS]I$/.test(kinds[0]!) ? 8 : /E[DS]I$/.test(kinds[0]!.replace('MemoryES', '')) ? 4 : 2;
      op.segment = from.segment;
      op.extra = from.repeat;
    });
  return Object.fromEntries([...sizes].map((letter) => [name + letter, row(bytes[letter]!)]));
}

const bitRow =
  (what: number): Row =>
  (op, from) => {
    op.extra = what;
    op.run =
      from.place(0).kind === 'memory' && from.place(1).kind === 'register'
        ? moves.bitString
        : moves.bitOperand;
  };

const doubleShift =
  (short: Handler, long: Handler): Row =>
  (op, from) => {
    op.extra = from.place(2).kind === 'register' ? 1 : 0;
    op.run = op.size === 8 ? long : short;
  };

const imul: Row = (op, from) => {
  const long = op.size === 8;
  if (from.count === 1) op.run = long ? multiply.imul64 : multiply.imul;
  else if (from.count === 2) op.run = long ? multiply.imulTwo64 : multiply.imulTwo;
  else op.run = long ? multiply.imulThree64 : multiply.imulThree;
};

const divide =
  (r8: Handler, r16: Handler, r32: Handler, r64: Handler): Row =>
  (op) => {
    op.run = op.size === 8 ? r64 : op.size === 4 ? r32 : op.size === 2 ? r16 : r8;
  };

const movzx: Row = (op, from) => {
  op.run = moves.movzx;
  op.extra = from.place(1).size === 1 ? 0xff : 0xffff;
};

const inRow: Row = ending((op, from) => {
  op.run = ports.input;
  op.extra = from.place(1).kind === 'register' ? 1 : 0;
});

const outRow: Row = ending((op, from) => {
  op.run = ports.output;
  op.extra = from.place(0).kind === 'register' ? 1 : 0;
  setSize(op, from.place(1).size);
});

const interruptOf = (vector: number): Row =>
  branching((op) => {
    op.run = far.interrupt;
    op.low = vector;
  });

const xlat: Row = (op, from) => {
  op.run = moves.xlat;
  op.base = 6; // RBX; AL is added by the handler
  op.index = ZERO;
  op.segment = from.segment;
  op.address = from.bitness === 64 ? fullAddress : from.bitness === 32 ? address32 : address16;
};

const bswap: Row = bySize(moves.bswap32, moves.bswap64);
const nothing = run(moves.nop);
const level0 = run(system.privilegedNop);

const INSTRUCTIONS: Readonly<Record<string, Row>> = {
  Add: withForms(alu.add, alu.add64, { r32: alu.addRegister32, r64: alu.addRegister64 }),
  Sub: withForms(alu.sub, alu.sub64, { r32: alu.subRegister32, r64: alu.subRegister64 }),
  Cmp: withForms(alu.cmp, alu.cmp64, { r32: alu.cmpRegister32, r64: alu.cmpRegister64 }),
  Test: withForms(alu.test, alu.test64, { r32: alu.testRegister32, r64: alu.testRegister64 }),
  Adc: bySize(alu.adc, alu.adc64),
  Sbb: bySize(alu.sbb, alu.sbb64),
  And: bySize(alu.and.short, alu.and.long),
  Or: bySize(alu.or.short, alu.or.long),
  Xor: bySize(alu.xor.short, alu.xor.long),
  Inc: bySize(alu.inc, alu.inc64),
  Dec: bySize(alu.dec, alu.dec64),
  Neg: bySize(alu.neg, alu.neg64),
  Not: run(alu.not),
  Cmpxchg: bySize(alu.cmpxchg, alu.cmpxchg64),
  Xadd: bySize(alu.xadd, alu.xadd64),
  Cmpxchg8b: run(moves.cmpxchg8b),
  Cmpxchg16b: run(moves.cmpxchg16b),

  Shl: bySize(shifts.shl, shifts.shl64),
  Sal: bySize(shifts.shl, shifts.shl64),
  Shr: bySize(shifts.shr, shifts.shr64),
  Sar: bySize(shifts.sar, shifts.sar64),
  Rol: bySize(shifts.rol, shifts.rol64),
  Ror: bySize(shifts.ror, shifts.ror64),
  Rcl: bySize(shifts.rcl, shifts.rcl64),
  Rcr: bySize(shifts.rcr, shifts.rcr64),
  Shld: doubleShift(shifts.shld, shifts.shld64),
  Shrd: doubleShift(shifts.shrd, shifts.shrd64),

  Mul: bySize(multiply.mul, multiply.mul64),
  Imul: imul,
  Div: divide(multiply.div8, multiply.div16, multiply.div32, multiply.div64),
  Idiv: divide(multiply.idiv8, multiply.idiv16, multiply.idiv32, multiply.idiv64),

  Mov: mov,
  Movzx: movzx,
  Movsx: run(moves.movsx),
  Movsxd: run(moves.movsx),
  Lea: (op) => {
    op.run = moves.lea;
    op.segment = ZERO;
  },
  Xchg: run(moves.xchg),
  Bswap: bswap,
  Xlatb: xlat,
  Cbw: run(moves.cbw),
  Cwde: run(moves.cwde),
  Cdqe: run(moves.cdqe),
  Cwd: run(moves.cwd),
  Cdq: run(moves.cdq),
  Cqo: run(moves.cqo),
  ...conditional('Cmov', (code) => withExtra(moves.cmov, code)),
  ...conditional('Set', (code) => withExtra(moves.setcc, code)),
  Bt: bitRow(moves.BIT_TEST),
  Bts: bitRow(moves.BIT_SET),
  Btr: bitRow(moves.BIT_RESET),
  Btc: bitRow(moves.BIT_COMPLEMENT),
  Bsf: run(moves.bsf),
  Bsr: run(moves.bsr),
  // The CPU announces neither; as on older ones they are BSF and BSR.
  Tzcnt: run(moves.bsf),
  Lzcnt: run(moves.bsr),
  Lahf: run(moves.lahf),
  Sahf: run(moves.sahf),
  Clc: run(moves.clc),
  Stc: run(moves.stc),
  Cmc: run(moves.cmc),
  Cld: run(moves.cld),
  Std: run(moves.std),

  Jmp: jmp,
  ...conditional('J', jumpIf),
  Jcxz: branching(sized(control.jrcxz, 2)),
  Jecxz: branching(sized(control.jrcxz, 4)),
  Jrcxz: branching(sized(control.jrcxz, 8)),
  Loop: loop(control.LOOP),
  Loope: loop(control.LOOPE),
  Loopne: loop(control.LOOPNE),
  Call: call,
  Ret: ret,
  Retf: retf,
  Push: push,
  Pop: pop,
  Pushf: sized(control.pushf, 2),
  Pushfd: sized(control.pushf, 4),
  Pushfq: sized(control.pushf, 8),
  Popf: ending(sized(control.popf, 2)),
  Popfd: ending(sized(control.popf, 4)),
  Popfq: ending(sized(control.popf, 8)),
  Pusha: sized(control.pusha, 2),
  Pushad: sized(control.pusha, 4),
  Popa: sized(control.popa, 2),
  Popad: sized(control.popa, 4),
  Enter: (op, from) => {
    bySuffix(control.enter)(op, from);
    if (from.immediate(1) !== 0n) op.run = system.undefinedOpcode;
  },
  Leave: bySuffix(control.leave),

  ...stringRows('Movs', strings.movs),
  ...stringRows('Stos', strings.stos),
  ...stringRows('Lods', strings.lods),
  ...stringRows('Cmps', strings.cmps),
  ...stringRows('Scas', strings.scas),
  ...stringRows('Ins', strings.ins, 'bwd'),
  ...stringRows('Outs', strings.outs, 'bwd'),

  Cli: run(control.cli),
  Sti: ending(run(control.sti)),
  Hlt: ending(run(system.hlt)),
  In: inRow,
  Out: outRow,
  Int: branching(run(far.interrupt)),
  Int3: interruptOf(3),
  Int1: interruptOf(1),
  Into: ending((op) => {
    op.run = far.into;
    op.low = 4;
  }),
  Iret: branching(sized(far.iret, 2)),
  Iretd: branching(sized(far.iret, 4)),
  Iretq: branching(sized(far.iret, 8)),
  Syscall: branching(run(far.syscall)),
  Sysret: branching(sized(far.sysret, 4)),
  Sysretq: branching(sized(far.sysret, 8)),
  Ud2: ending(run(system.undefinedOpcode)),

  Lgdt: table(system.lgdt),
  Lidt: table(system.lidt),
  Sgdt: table(system.sgdt),
  Sidt: table(system.sidt),
  Lldt: run(system.lldt),
  Ltr: run(system.ltr),
  Sldt: run(system.sldt),
  Str: run(system.str),
  Smsw: run(system.smsw),
  Lmsw: ending(run(system.lmsw)),
  Clts: run(system.clts),
  Invlpg: ending(run(system.invlpg)),
  Invd: level0,
  Wbinvd: level0,
  Rdmsr: ending(run(system.rdmsr)),
  Wrmsr: ending(run(system.wrmsr)),
  Swapgs: run(system.swapgs),
  Cpuid: run(system.cpuid),
  Rdtsc: ending(run(system.rdtsc)),
  Pause: branching(run(system.pause)),
  ...Object.fromEntries(
    ['Nop', 'Endbr64', 'Endbr32', 'Lfence', 'Mfence', 'Sfence', 'Reservednop'].map((name) => [name, nothing]),
  ),
  ...Object.fromEntries(
    ['Prefetcht0', 'Prefetcht1', 'Prefetcht2', 'Prefetchnta', 'Prefetchw'].map((name) => [name, nothing]),
  ),
};

/** LGDT and the like: `size` 2 is a base of 24 bits. */
function table(handler: Handler): Row {
  return (op, { code }) => {
    op.run = handler;
    setSize(op, code.endsWith('_16') ? 2 : 4);
  };
}
