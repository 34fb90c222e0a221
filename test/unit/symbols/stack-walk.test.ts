/**
 * Stacks by frame pointers and by ORC on memory made for the purpose: each way a frame is found, and each reason why a walk stops
 * and says so. The ORC tables are written in both formats of the kernel's orc_types.h.
 */
import { describe, expect, test } from 'vitest';
import { EVENT_KINDS } from '../../../src/machine/event-batch.ts';
import { REGISTERS, type RegisterName } from '../../../src/machine/registers.ts';
import { isBehindCall } from '../../../src/symbols/frame-pointers.ts';
import { stackEndText } from '../../../src/symbols/stack-ends.ts';
import { GuestStacks } from '../../../src/symbols/stack-walk.ts';
import { SymbolSet } from '../../../src/symbols/symbol-set.ts';
import { SymbolTableBuilder } from '../../../src/symbols/symbol-table.ts';

/** Bytes by address; what was not written cannot be read. */
class Memory {
  private readonly bytes = new Map<bigint, number>();

  put(address: bigint, ...values: number[]): void {
    for (const [i, value] of values.entries()) this.bytes.set(address + BigInt(i), value & 0xff);
  }

  word(address: bigint, value: bigint): void {
    for (let i = 0; i < 8; i++) this.put(address + BigInt(i), Number((value >> BigInt(8 * i)) & 0xffn));
  }

  read(address: bigint, size: number, out: Uint8Array): number {
    for (let i = 0; i < size; i++) {
      const byte = this.bytes.get(BigInt.asUintN(64, address + BigInt(i)));
      if (byte === undefined) return i;
      out[i] = byte;
    }
    return size;
  }
}

const BASE = 0xffffffff81000000n;
const STACK = 0xffffc90000010000n;
const at = (offset: number): bigint => BASE + BigInt(offset);
const NOPS = new Array<number>(0x800).fill(0x90);
const FRAME = [0x55, 0x48, 0x89, 0xe5]; // push %rbp; mov %rsp,%rbp
const CALL = [0xe8, 0, 0, 0, 0];

interface World {
  readonly memory: Memory;
  readonly walk: (
    registers: Partial<Record<RegisterName, bigint>>,
    side?: 'kernel' | 'user',
    limit?: number,
  ) => string[];
}

/** Functions of 256 bytes each: `leaf` without a frame, `inner` and `outer` with one, `entry` in assembly. */
function world(more: readonly (readonly [string, bigint])[] = []): World {
  const memory = new Memory();
  memory.put(BASE, ...NOPS);
  for (const start of [0x100, 0x200]) {
    memory.put(at(start), ...FRAME);
    memory.put(at(start + 0x40), ...CALL);
    memory.put(at(start + 0x80), 0x5d, 0xc3);
  }
  memory.put(at(0x340), ...CALL);
  const builder = new SymbolTableBuilder();
  const names = ['leaf', 'inner', 'outer', 'entry'].map((name, i) => [name, at(i * 0x100)] as const);
  for (const [name, address] of [...names, ...more]) {
    const [high, low] = [Number(address >> 32n), Number(address & 0xffffffffn)];
    builder.add('vmlinux', name, high, low, 0x100, 'function', 'global');
  }
  const symbols = new SymbolSet([builder.build()], (name) => name);
  const stacks = new GuestStacks({ memory, symbols, everywhere: true });
  return {
    memory,
    walk: (registers, side = 'kernel', limit = 20) => {
      const byId = new Map<number, bigint>(
        Object.entries(registers).map(([name, value]) => [REGISTERS[name as RegisterName].id, value]),
      );
      const frames = new BigUint64Array(limit + 1);
      const pc = registers.rip ?? 0n;
      const start = { pc, inKernel: pc >= 1n << 63n, register: (id: number) => byId.get(id) };
      const count = stacks.walk(side, start, frames, limit);
      return [...frames.subarray(0, count + 1)]
        .filter((address, index) => index < count || address !== 0n)
        .map((address) => {
          const hit = symbols.lookup(address);
          return (
            stackEndText(address) ?? (hit ? `${hit.name}+${hit.offset.toString(16)}` : address.toString(16))
          );
        });
    },
  };
}

/** outer called inner, which has its frame; rbp 0 below outer's. */
function called(memory: Memory): void {
  memory.word(STACK, STACK + 0x20n); // inner's frame
  memory.word(STACK + 8n, at(0x245)); // … returns to outer
  memory.word(STACK + 0x20n, 0n); // outer's frame
  memory.word(STACK + 0x28n, at(0x345)); // … returns to entry
}

describe('frame pointers', () => {
  const inInner = (offset: number, more: Partial<Record<RegisterName, bigint>> = {}) => {
    const { memory, walk } = world();
    called(memory);
    return walk({ rip: at(0x100 + offset), rsp: STACK - 0x10n, rbp: STACK, ...more });
  };
  const CALLERS = ['outer+45', 'entry+45'];

  test('in the body the frame leads on, to rbp 0', () => {
    expect(inInner(0x40)).toEqual(['inner+40', ...CALLERS]);
  });
  test('at the entry the return address is on top', () => {
    expect(inInner(0, { rsp: STACK + 8n, rbp: STACK + 0x20n })).toEqual(['inner+0', ...CALLERS]);
  });
  test('behind the push it is below rbp', () => {
    expect(inInner(1, { rsp: STACK, rbp: STACK + 0x20n })).toEqual(['inner+1', ...CALLERS]);
  });
  test('at ret it is on top', () => {
    expect(inInner(0x81, { rsp: STACK + 8n, rbp: STACK + 0x20n })).toEqual(['inner+81', ...CALLERS]);
  });
  test('a function without a frame is known at its entry alone', () => {
    const { memory, walk } = world();
    called(memory);
    const registers = { rsp: STACK + 8n, rbp: STACK + 0x20n };
    expect(walk({ rip: at(0), ...registers })).toEqual(['leaf+0', ...CALLERS]);
    expect(walk({ rip: at(0x10), ...registers })).toEqual([
      'leaf+10',
      'callers are not known: no frame pointer',
    ]);
  });
  test('a caller without a frame ends what is known, unless rbp is 0', () => {
    const { memory, walk } = world();
    called(memory);
    memory.word(STACK + 0x20n, STACK + 0x100n);
    expect(walk({ rip: at(0x140), rsp: STACK - 0x10n, rbp: STACK })).toEqual([
      ...['inner+40', 'outer+45', 'entry+45', 'callers are not known: no frame pointer'],
    ]);
  });
  test.each([
    ['is below the stack pointer', STACK - 0x20n],
    ['is odd', STACK + 4n],
    ['is far away', STACK + 0x1000000n],
  ])('a frame pointer that %s leads nowhere', (_, rbp) => {
    expect(inInner(0x40, { rbp })).toEqual([
      'inner+40',
      'callers are not known: the frame pointer leads nowhere',
    ]);
  });
  test('a return address stands behind a call', () => {
    const { memory, walk } = world();
    called(memory);
    memory.word(STACK + 8n, at(0x250));
    expect(walk({ rip: at(0x140), rsp: STACK - 0x10n, rbp: STACK })).toEqual([
      ...['inner+40', 'callers are not known: the frame pointer leads nowhere'],
    ]);
  });
  test('memory that cannot be read ends it', () => {
    expect(inInner(0x40, { rbp: STACK + 0x800n })).toEqual([
      'inner+40',
      'callers are not known: the stack cannot be read',
    ]);
  });
  test('so does a register that the event does not carry', () => {
    const { walk } = world();
    expect(walk({ rip: at(0x140), rsp: STACK })).toEqual([
      'inner+40',
      'callers are not known: the stack cannot be read',
    ]);
  });
  test('the number of frames asked for is not passed, and needs no reason', () => {
    const { memory, walk } = world();
    called(memory);
    expect(walk({ rip: at(0x140), rsp: STACK - 0x10n, rbp: STACK }, 'kernel', 2)).toEqual([
      'inner+40',
      'outer+45',
    ]);
  });
  test('a user program without symbols: the nearest frame before pc is its function', () => {
    const { memory, walk } = world();
    memory.put(0x400000n, ...NOPS);
    memory.put(0x400010n, ...FRAME);
    memory.put(0x400100n, ...FRAME);
    memory.put(0x400140n, ...CALL);
    memory.word(0x7ff000n, 0n);
    memory.word(0x7ff008n, 0x400145n);
    const registers = { rsp: 0x7feff0n, rbp: 0x7ff000n };
    expect(walk({ rip: 0x400020n, ...registers }, 'user')).toEqual(['400020', '400145']);
    expect(walk({ rip: 0x400008n, ...registers }, 'user')).toEqual([
      '400008',
      'callers are not known: no frame pointer',
    ]);
    expect(walk({ rip: 0x400020n, ...registers }, 'kernel')).toEqual([]);
  });
  test('between SYSCALL and the switch of stacks the program is where rcx says', () => {
    const { walk } = world();
    const registers = { rip: at(0x300), rsp: 0x7ff000n, rbp: 0n, rcx: 0x400020n };
    expect(walk(registers)).toEqual(['entry+0']);
    expect(walk(registers, 'user')[0]).toBe('400020');
  });
});

test.each([
  ['call rel32', true, [0, 0, 0, 0xe8, 1, 2, 3, 4]],
  ['call *%rax', true, [0, 0, 0, 0, 0, 0, 0xff, 0xd0]],
  ['call *%r8', true, [0, 0, 0, 0, 0, 0x41, 0xff, 0xd0]],
  ['call *8(%rax)', true, [0, 0, 0, 0, 0, 0xff, 0x50, 8]],
  ['call *8(%rsp)', true, [0, 0, 0, 0, 0xff, 0x54, 0x24, 8]],
  ['call *0x100(%rax)', true, [0, 0, 0xff, 0x90, 0, 1, 0, 0]],
  ['call *0x100(%rip)', true, [0, 0, 0xff, 0x15, 0, 1, 0, 0]],
  ['call *table(,%rax,8)', true, [0, 0xff, 0x14, 0xc5, 0, 0, 0, 0x81]],
  ['jmp *%rax', false, [0, 0, 0, 0, 0, 0, 0xff, 0xe0]],
  ['nops', false, [0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90]],
])('behind %s: %s', (_, expected, bytes) => {
  expect(isBehindCall(Uint8Array.from(bytes))).toBe(expected);
});

// ORC

const IPS = 0xffffffff82000000n;
const ENTRIES = 0xffffffff82001000n;
const [SP, BP, SP_INDIRECT, R10, PREVIOUS_SP] = [5, 4, 9, 6, 1];

interface Entry {
  readonly from: number;
  readonly sp?: readonly [register: number, offset: number];
  readonly bp?: readonly [register: number, offset: number];
  readonly type?: 'call' | 'regs' | 'partial' | 'end';
}

/** Types in all formats: that of Linux 6.3 has the old types, and a bit in front of the end's that says `signal`. */
const TYPE_BITS = {
  old: { call: 0, regs: 1 << 8, partial: 2 << 8, end: 1 << 10 },
  '6.3': { call: 0, regs: (1 << 8) | (1 << 10), partial: (2 << 8) | (1 << 10), end: 1 << 11 },
  new: { call: 2 << 8, regs: 3 << 8, partial: 4 << 8, end: 1 << 8 },
} as const;

function orcWorld(format: keyof typeof TYPE_BITS, entries: readonly Entry[]): World {
  const all = [...entries, { from: 0x900 }];
  const made = world([
    ['__start_orc_unwind_ip', IPS],
    ['__stop_orc_unwind_ip', IPS + BigInt(4 * all.length)],
    ['__start_orc_unwind', ENTRIES],
  ]);
  all.forEach(({ from, sp, bp, type = sp ? 'call' : undefined }: Entry, i) => {
    const field = IPS + BigInt(4 * i);
    const delta = Number(at(from) - field);
    made.memory.put(field, delta, delta >> 8, delta >> 16, delta >> 24);
    const bits = (sp?.[0] ?? 0) | ((bp?.[0] ?? 0) << 4) | (type ? TYPE_BITS[format][type] : 0);
    const halves = [sp?.[1] ?? 0, bp?.[1] ?? 0, bits];
    made.memory.put(ENTRIES + BigInt(6 * i), ...halves.flatMap((half) => [half, half >> 8]));
  });
  return made;
}

describe.each(['old', '6.3', 'new'] as const)('ORC, %s format', (format) => {
  test('calls by rsp, and by rbp once that is a frame', () => {
    const { memory, walk } = orcWorld(format, [
      { from: 0, sp: [SP, 16] },
      { from: 0x100, sp: [BP, 16], bp: [PREVIOUS_SP, -16] },
      { from: 0x200, type: 'end' },
    ]);
    memory.word(STACK + 8n, at(0x145)); // leaf's return address
    memory.word(STACK + 0x40n, 0n);
    memory.word(STACK + 0x48n, at(0x245)); // inner's
    expect(walk({ rip: at(0x10), rsp: STACK, rbp: STACK + 0x40n })).toEqual([
      'leaf+10',
      'inner+45',
      'outer+45',
    ]);
  });

  test('an interrupted kernel goes on where its registers say; a program below is not the kernel', () => {
    const { memory, walk } = orcWorld(format, [
      { from: 0, sp: [SP, 8] },
      { from: 0x100, sp: [SP, 8] },
      { from: 0x300, sp: [SP, 0], type: 'regs' },
    ]);
    memory.word(STACK, at(0x345)); // leaf was called by entry
    const registers = STACK + 8n;
    memory.word(registers + 32n, 0x1234n); // bp
    memory.word(registers + 128n, at(0x120)); // ip
    memory.word(registers + 136n, 0x10n); // cs
    memory.word(registers + 152n, STACK + 0x400n); // sp
    memory.word(STACK + 0x400n, at(0x345)); // inner was called by entry, which a program entered
    const user = STACK + 0x408n;
    memory.word(user + 32n, 0n);
    memory.word(user + 128n, 0x400020n);
    memory.word(user + 136n, 0x33n);
    memory.word(user + 152n, 0x7ff000n);
    const start = { rip: at(0x10), rsp: STACK, rbp: 0n };
    expect(walk(start)).toEqual(['leaf+10', 'entry+45', 'inner+20', 'entry+45']);
    expect(walk(start, 'user')[0]).toBe('400020');
  });

  test('another stack: rsp lies on top of this one', () => {
    const { memory, walk } = orcWorld(format, [
      { from: 0, sp: [SP_INDIRECT, 8] },
      { from: 0x100, type: 'end' },
    ]);
    memory.word(STACK, STACK + 0x800n);
    memory.word(STACK + 0x800n, at(0x145));
    expect(walk({ rip: at(0x10), rsp: STACK, rbp: 0n })).toEqual(['leaf+10', 'inner+45']);
  });

  test('r10 is known where the event carries it, and of no caller', () => {
    const { memory, walk } = orcWorld(format, [
      { from: 0, sp: [R10, 0] },
      { from: 0x100, sp: [R10, 0] },
    ]);
    memory.word(STACK - 8n, at(0x145));
    const start = { rip: at(0x10), rsp: STACK - 0x100n, rbp: 0n };
    expect(walk({ ...start, r10: STACK })).toEqual([
      ...['leaf+10', 'inner+45', 'callers are not known: ORC needs a register that was not kept'],
    ]);
    expect(walk(start)).toEqual(['leaf+10', 'callers are not known: ORC needs a register that was not kept']);
  });

  test('what the tables do not cover, as of modules, is not guessed', () => {
    const { walk } = orcWorld(format, [{ from: 0x100, sp: [SP, 8] }]);
    const start = { rsp: STACK, rbp: 0n };
    expect(walk({ rip: at(0x10), ...start })).toEqual(['leaf+10', 'callers are not known: no ORC entry']);
    expect(walk({ rip: at(0x1000), ...start })[1]).toBe('callers are not known: no ORC entry');
    expect(walk({ rip: at(0x110), ...start })).toEqual([
      'inner+10',
      'callers are not known: the stack cannot be read',
    ]);
  });
});

test('where events are past when they are seen, only places that stop the guest have stacks', () => {
  const request = { memory: new Memory(), symbols: undefined };
  const sees = (everywhere: boolean) => (kind: keyof typeof EVENT_KINDS) =>
    new GuestStacks({ ...request, everywhere }).sees(EVENT_KINDS[kind]);
  expect((['tb', 'vec', 'time'] as const).map(sees(false))).toEqual([true, false, false]);
  expect((['tb', 'vec', 'time'] as const).map(sees(true))).toEqual([true, true, false]);
});
