/**
 * A second, deliberately plain executor of DIF, to test the verifier and the code generator against.
 *
 * It runs a Difo as opcodes.ts describes it, on BigInt registers and a small memory, and checks everything: whatever the
 * verifier should have refused (a register, a table index, the tuple stack, a backward branch) throws an Escape, whatever
 * a script may do wrong (an address, a divisor) ends in a fault.
 */
import * as int64 from '../../src/base/int64.ts';
import { decode, type Instruction, operandFields, PUSH_TYPE, variableAccess } from '../../src/dif/encode.ts';
import { type Mnemonic, OPCODES, REGISTER_FILE_SIZE, TUPLE_STACK_SIZE } from '../../src/dif/opcodes.ts';
import type { Difo, UserVariable } from '../../src/dif/program.ts';
import { SUBROUTINES } from '../../src/dif/subroutines.ts';

export class Escape extends Error {}
export type Fault = 'BADADDR' | 'BADINDEX' | 'DIVZERO' | 'NOSCRATCH';
class FaultRaised extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault);
    this.fault = fault;
  }
}

const BASE = 0x10000n;
const MEMORY_BYTES = 1 << 16;
const STRSIZE = 64;

type TupleEntry = {
  readonly kind: 'value' | 'string' | 'bytes';
  readonly value: bigint;
  readonly text: string;
};

/** One machine: variables and memory live from run to run, scratch does not shrink. */
export class DifMachine {
  readonly memory = new Uint8Array(MEMORY_BYTES);
  /** Values of built-in variables and registers; absent ones read 0. */
  readonly builtins = new Map<number, bigint>();
  readonly arrays = new Map<string, bigint>();
  /** What subroutines were called with. */
  readonly calls: { readonly id: number; readonly args: readonly bigint[] }[] = [];
  steps = 0;
  private readonly variables = new Map<string, bigint>();
  private readonly declared: readonly UserVariable[];
  private top = 8; // offset 0 is never an address

  constructor(declared: readonly UserVariable[] = []) {
    this.declared = declared;
  }

  /** The result, or the fault that ended the run. */
  run(difo: Difo): bigint | Fault {
    try {
      return this.execute(difo);
    } catch (error) {
      if (error instanceof FaultRaised) return error.fault;
      throw error;
    }
  }

  allocate(sizeBytes: number): bigint {
    const start = this.top;
    if (start + sizeBytes > MEMORY_BYTES) throw new FaultRaised('NOSCRATCH');
    this.top = Math.ceil((start + sizeBytes) / 8) * 8;
    this.memory.fill(0, start, this.top);
    return BASE + BigInt(start);
  }

  textAt(address: bigint): string {
    if (address === 0n) return '';
    let text = '';
    for (let at = this.at(address, 1); (this.memory[at] ?? 0) !== 0; at++) {
      if (at + 1 >= MEMORY_BYTES) throw new FaultRaised('BADADDR');
      text += String.fromCharCode(this.memory[at] ?? 0);
    }
    return text;
  }

  read(address: bigint, sizeBytes: number, signed: boolean): bigint {
    const at = this.at(address, sizeBytes);
    let value = 0n;
    for (let i = sizeBytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.memory[at + i] ?? 0);
    return int64.narrow(value, sizeBytes * 8, signed);
  }

  write(address: bigint, value: bigint, sizeBytes: number): void {
    const at = this.at(address, sizeBytes);
    for (let i = 0; i < sizeBytes; i++) this.memory[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }

  private at(address: bigint, sizeBytes: number): number {
    const offset = BigInt.asUintN(64, address) - BASE;
    if (offset < 8n || offset + BigInt(sizeBytes) > BigInt(MEMORY_BYTES)) throw new FaultRaised('BADADDR');
    return Number(offset);
  }

  private execute(difo: Difo): bigint {
    const registers = new Array<bigint | undefined>(REGISTER_FILE_SIZE).fill(undefined);
    registers[0] = 0n;
    const tuple: TupleEntry[] = [];
    const strings = this.allocate(difo.strings.length);
    this.memory.set(difo.strings, Number(strings - BASE));
    let flags: { signed: number; unsigned: number } | undefined;
    let pc = 0;
    for (;;) {
      const word = difo.code[pc];
      const instruction = word === undefined ? undefined : decode(word);
      if (instruction === undefined) throw new Escape(`no instruction at ${pc}`);
      this.steps++;
      const { mnemonic, operands } = instruction;
      const read = readers(instruction, registers);
      if (OPCODES[mnemonic].form === 'br') {
        if (flags === undefined && mnemonic !== 'ba') throw new Escape('no comparison');
        const target = operands[0] ?? 0;
        if (target <= pc) throw new Escape(`backward branch to ${target}`);
        pc = taken(mnemonic, flags ?? { signed: 0, unsigned: 0 }) ? target : pc + 1;
        continue;
      }
      if (mnemonic === 'ret') return read(0);
      if (mnemonic === 'cmp' || mnemonic === 'tst') {
        flags = comparison(read(0), mnemonic === 'cmp' ? read(1) : 0n);
      } else if (mnemonic === 'scmp') {
        const [a, b] = [this.textAt(read(0)), this.textAt(read(1))];
        const order = a < b ? -1 : a > b ? 1 : 0;
        flags = { signed: order, unsigned: order };
      } else {
        const value = this.step(difo, instruction, read, tuple, strings);
        if (value !== undefined) registers[writable(operands.at(-1) ?? 0)] = BigInt.asIntN(64, value);
      }
      pc++;
    }
  }

  private step(
    difo: Difo,
    { mnemonic, operands }: Instruction,
    read: (operand: number) => bigint,
    tuple: TupleEntry[],
    strings: bigint,
  ): bigint | undefined {
    const arithmetic = ARITHMETIC[mnemonic];
    if (arithmetic) return arithmetic(read(0), read(1));
    const access = variableAccess(mnemonic);
    if (access) return this.variable(mnemonic, operands[0] ?? 0, tuple, read);
    const loads = LOADS[mnemonic];
    if (loads) return this.read(read(0), loads.sizeBytes, loads.signed);
    const stores = STORES[mnemonic];
    if (stores) {
      this.write(read(1), read(0), stores);
      return undefined;
    }
    switch (mnemonic) {
      case 'not':
        return ~read(0);
      case 'mov':
        return read(0);
      case 'nop':
        return undefined;
      case 'bound':
        if (BigInt.asUintN(64, read(0)) >= BigInt.asUintN(64, read(1))) throw new FaultRaised('BADINDEX');
        return undefined;
      case 'setx': {
        const value = difo.integers[operands[0] ?? 0];
        if (value === undefined) throw new Escape('integer table');
        return value;
      }
      case 'sets':
        if ((operands[0] ?? 0) >= difo.strings.length) throw new Escape('string table');
        return strings + BigInt(operands[0] ?? 0);
      case 'ldga':
        return this.arrays.get(`${operands[0]}/${read(1)}`) ?? 0n;
      case 'pushtv':
      case 'pushtr':
        if (tuple.length === TUPLE_STACK_SIZE) throw new Escape('tuple stack overflow');
        tuple.push(this.entry(mnemonic, operands, read));
        return undefined;
      case 'popts':
        if (tuple.pop() === undefined) throw new Escape('tuple stack underflow');
        return undefined;
      case 'flushts':
        tuple.length = 0;
        return undefined;
      case 'call':
        return this.call(
          operands[0] ?? 0,
          tuple.map((entry) => entry.value),
        );
      case 'allocs':
        return this.allocate(Number(BigInt.asUintN(64, read(0))));
      case 'copys': {
        const size = Number(BigInt.asUintN(64, read(1)));
        if (size === 0) return undefined;
        const from = this.at(read(0), size);
        this.memory.copyWithin(this.at(read(2), size), from, from + size);
        return undefined;
      }
      default:
        throw new Escape(`opcode ${mnemonic}`);
    }
  }

  private entry(
    mnemonic: Mnemonic,
    operands: readonly number[],
    read: (operand: number) => bigint,
  ): TupleEntry {
    const value = read(2);
    if (mnemonic === 'pushtv') return { kind: 'value', value, text: String(value) };
    if (operands[0] === PUSH_TYPE.STRING)
      return { kind: 'string', value, text: JSON.stringify(this.textAt(value)) };
    const size = Number(read(1));
    const at = this.at(value, size);
    return { kind: 'bytes', value, text: this.memory.subarray(at, at + size).join() };
  }

  private variable(
    mnemonic: Mnemonic,
    id: number,
    tuple: TupleEntry[],
    read: (operand: number) => bigint,
  ): bigint | undefined {
    const access = variableAccess(mnemonic);
    if (!access) throw new Escape(mnemonic);
    if (id < 0x500) {
      if (mnemonic !== 'ldgs') throw new Escape('stores a built-in variable');
      return this.builtins.get(id) ?? 0n;
    }
    const declared = this.declared.find((variable) => variable.id === id && variable.scope === access.scope);
    if (declared === undefined) throw new Escape(`unknown variable ${id}`);
    const keys = declared.keys?.map((key) => (key.kind === 'int' ? 'value' : key.kind)) ?? [];
    const pushed = access.keyed ? tuple.map((entry) => entry.kind) : [];
    if (keys.join() !== pushed.join()) throw new Escape(`keys (${pushed}) of ${declared.name}`);
    const name = [access.scope, id, ...(access.keyed ? tuple.map((entry) => entry.text) : [])].join('/');
    if (access.keyed) tuple.length = 0;
    if (!access.stores) return this.variables.get(name) ?? 0n;
    this.storeVariable(declared, name, read(1));
    return undefined;
  }

  private storeVariable(declared: UserVariable, name: string, value: bigint): void {
    const { shape, bytes } = { shape: declared.value, bytes: declared.value.sizeBytes };
    if (shape.kind === 'int') {
      this.variables.set(name, int64.narrow(value, bytes * 8, shape.signed));
    } else if (value === 0n) {
      this.variables.delete(name);
    } else {
      const size = shape.kind === 'string' ? Math.min(this.textAt(value).length, STRSIZE) : bytes;
      const from = this.at(value, size);
      const copy = this.memory.slice(from, from + size);
      const to = this.variables.get(name) ?? this.allocate(shape.kind === 'string' ? STRSIZE + 1 : bytes);
      this.memory.set(copy, Number(to - BASE));
      if (shape.kind === 'string') this.memory[Number(to - BASE) + size] = 0;
      this.variables.set(name, to);
    }
  }

  /** strlen, strjoin and alloca do their work; any other subroutine gives 0. */
  private call(id: number, args: readonly bigint[]): bigint {
    this.calls.push({ id, args });
    const [first = 0n, second = 0n] = args;
    switch (id) {
      case SUBROUTINES.strlen.id:
        if (args.length !== 1) throw new Escape('arguments of strlen');
        return BigInt(this.textAt(first).length);
      case SUBROUTINES.alloca.id:
        if (args.length !== 1) throw new Escape('arguments of alloca');
        return this.allocate(Number(BigInt.asUintN(64, first)));
      case SUBROUTINES.strjoin.id: {
        if (args.length !== 2) throw new Escape('arguments of strjoin');
        const text = this.textAt(first) + this.textAt(second);
        const to = this.allocate(text.length + 1);
        this.memory.set(Buffer.from(text, 'latin1'), Number(to - BASE));
        return to;
      }
      default:
        if (!Object.values(SUBROUTINES).some((row) => row.id === id)) throw new Escape(`subroutine ${id}`);
        return 0n;
    }
  }
}

function writable(register: number): number {
  if (register === 0 || register >= REGISTER_FILE_SIZE) throw new Escape(`writes register ${register}`);
  return register;
}

function readers(instruction: Instruction, registers: readonly (bigint | undefined)[]) {
  const fields = operandFields(instruction.mnemonic);
  return (operand: number): bigint => {
    if (fields[operand]?.role !== 'read')
      throw new Escape(`${instruction.mnemonic} reads operand ${operand}`);
    const value = registers[instruction.operands[operand] ?? -1];
    if (value === undefined)
      throw new Escape(`register ${instruction.operands[operand]} read before written`);
    return value;
  };
}

function comparison(a: bigint, b: bigint): { signed: number; unsigned: number } {
  const unsignedA = BigInt.asUintN(64, a);
  const unsignedB = BigInt.asUintN(64, b);
  return {
    signed: a < b ? -1 : a > b ? 1 : 0,
    unsigned: unsignedA < unsignedB ? -1 : unsignedA > unsignedB ? 1 : 0,
  };
}

function taken(mnemonic: Mnemonic, flags: { signed: number; unsigned: number }): boolean {
  const [order, relation] = mnemonic.endsWith('u')
    ? [flags.unsigned, mnemonic.slice(1, -1)]
    : [flags.signed, mnemonic.slice(1)];
  switch (relation) {
    case 'a':
      return true;
    case 'e':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'g':
      return order > 0;
    case 'ge':
      return order >= 0;
    case 'l':
      return order < 0;
    case 'le':
      return order <= 0;
    default:
      throw new Escape(`branch ${mnemonic}`);
  }
}

function divide(operation: (a: bigint, b: bigint) => bigint): (a: bigint, b: bigint) => bigint {
  return (a, b) => {
    if (b === 0n) throw new FaultRaised('DIVZERO');
    return operation(a, b);
  };
}

const ARITHMETIC: Partial<Record<Mnemonic, (a: bigint, b: bigint) => bigint>> = {
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  and: (a, b) => a & b,
  sll: int64.shiftLeft,
  srl: int64.shiftRightLogical,
  sra: int64.shiftRightArithmetic,
  sub: (a, b) => a - b,
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  sdiv: divide(int64.divideSigned),
  udiv: divide(int64.divideUnsigned),
  srem: divide(int64.remainderSigned),
  urem: divide(int64.remainderUnsigned),
};
const LOADS: Partial<Record<Mnemonic, { readonly sizeBytes: number; readonly signed: boolean }>> = {
  ldsb: { sizeBytes: 1, signed: true },
  ldsh: { sizeBytes: 2, signed: true },
  ldsw: { sizeBytes: 4, signed: true },
  ldub: { sizeBytes: 1, signed: false },
  lduh: { sizeBytes: 2, signed: false },
  lduw: { sizeBytes: 4, signed: false },
  ldx: { sizeBytes: 8, signed: true },
};
const STORES: Partial<Record<Mnemonic, number>> = { stb: 1, sth: 2, stw: 4, stx: 8 };
