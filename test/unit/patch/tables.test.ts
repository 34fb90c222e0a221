/** The tables of patching: how each kind of instruction is executed, and the texts of -x inject. */
import { beforeAll, expect, test } from 'vitest';
import { INJECTIONS, parseInjections } from '../../../src/patch/inject.ts';
import { METHODS, methodRow } from '../../../src/patch/methods.ts';
import { arrivalAt, buildSlot, SlotRing } from '../../../src/patch/slot.ts';
import { type DisplacedReader, openDisplacedReader } from '../../../src/x86/displaced.ts';

let reader: DisplacedReader;
beforeAll(async () => {
  reader = await openDisplacedReader();
});

const read = (hex: string, address = 0x1000n) => reader.read(Buffer.from(hex, 'hex'), address)!;

test.each([
  ['cc', 'breakpoint', 'refused', 'never'],
  ['c7f800000000', 'transaction', 'refused', 'never'],
  ['48ff18', 'far', 'emulated', 'never'], // lcall *(%rax)
  ['48cb', 'far', 'emulated', 'never'], // lretq
  ['0f05', 'system call', 'emulated', 'never'],
  ['480f07', 'system call', 'emulated', 'never'],
  ['f4', 'halt', 'emulated', 'never'],
  ['66e800000000', 'oddly sized', 'emulated', 'never'],
  ['67488b0500000000', 'oddly sized', 'emulated', 'never'], // mov 0(%eip),%rax
  ['48cf', 'iret', 'emulated', 'never'],
  ['7500', 'branch', 'emulated', 'possible'],
  ['e2fe', 'branch', 'emulated', 'possible'],
  ['ff2500000000', 'branch', 'emulated', 'possible'],
  ['f3c3', 'branch', 'emulated', 'possible'],
  ['f348ab', 'string', 'emulated', 'possible'],
  ['a4', 'string', 'emulated', 'possible'],
  ['fb', 'interrupt flag', 'emulated', 'possible'],
  ['8ed0', 'stack segment', 'emulated', 'possible'],
  ['9c', 'flags', 'emulated', 'possible'],
  ['55', 'plain', 'emulated', 'possible'],
  ['0f44c1', 'plain', 'emulated', 'possible'], // cmove
  ['0f94c0', 'plain', 'emulated', 'possible'], // sete
  ['f30f1efa', 'plain', 'emulated', 'possible'], // endbr64
  ['cd80', 'other', 'stepped', 'possible'],
  ['0f22d8', 'other', 'stepped', 'possible'], // mov %rax,%cr3
  ['0fa1', 'other', 'stepped', 'possible'], // pop %fs
  ['0f30', 'other', 'stepped', 'possible'],
  ['660fefc0', 'other', 'stepped', 'possible'], // pxor
  ['f20f10c1', 'other', 'stepped', 'possible'], // movsd %xmm1,%xmm0: not the string instruction
])('%s is of the row %s', (hex, id, method, step) => {
  expect(methodRow(read(hex))).toMatchObject({ id, method, step });
});

test('every row is met above', () => {
  const hexes = [
    'cc',
    'c7f800000000',
    '48cb',
    '0f05',
    'f4',
    '66e800000000',
    '48cf',
    '7500',
    'a4',
    'fb',
    '8ed0',
    '9c',
    '55',
  ];
  expect(hexes.map((hex) => methodRow(read(hex)).id)).toEqual(METHODS.map(({ id }) => id));
});

test('what displacing needs to know of an instruction', () => {
  expect(read('488b0510000000')).toMatchObject({
    text: 'mov 0x1017,%rax',
    ripOperand: { fieldOffset: 3, address: 0x1017n },
    branch: undefined,
  });
  expect(read('0f8500010000')).toMatchObject({
    branch: { target: 0x1106n, fieldOffset: 2, fieldBytes: 4 },
    mnemonic: 'jne',
  });
  expect(read('f3a4')).toMatchObject({ repeats: true, mnemonic: 'movsb' });
  expect(read('f3c3').repeats).toBe(false);
  expect(read('0fb220').loadsSs).toBe(true);
  expect(read('8ed8').loadsSs).toBe(false); // mov %eax,%ds
  expect(reader.read(Buffer.from('0f', 'hex'), 0n)).toBeUndefined();
});

test('a slot within reach and just out of it', () => {
  const displaced = read('488b05ffffff7f', 0x1_0000_0000n); // the operand is 2 GiB - 1 behind the instruction
  const furthest = 0x1_0000_0000n;
  expect(buildSlot(displaced, furthest)).toBeDefined();
  expect(buildSlot(displaced, furthest - 1n)).toBeUndefined();
});

test('where a CPU is in a slot', () => {
  const slot = buildSlot(read('7510'), 0x2000n)!;
  const at = (rip: bigint, trap: 'debug' | 'breakpoint' = 'debug') => arrivalAt(slot, 0x2000n, rip, trap);
  expect(at(0x2000n)).toEqual({ kind: 'start' });
  expect(at(0x2001n)).toEqual({ kind: 'away' });
  expect(at(0x2002n)).toEqual({ kind: 'through', behindBy: 0 });
  expect(at(0x2004n)).toEqual({ kind: 'through', behindBy: 2 });
  expect(at(0x2005n, 'breakpoint')).toEqual({ kind: 'through', behindBy: 2 });
  expect(at(0x2005n)).toEqual({ kind: 'taken', behindBy: 0 });
  expect(at(0x2008n, 'breakpoint')).toEqual({ kind: 'taken', behindBy: 2 });
  expect(at(0x2008n)).toEqual({ kind: 'away' });
  expect(at(0x1fffn)).toEqual({ kind: 'away' });
});

test.each(Object.entries(INJECTIONS))('-x inject=%s: its example is understood', (kind, { example }) => {
  expect(example.startsWith(kind)).toBe(true);
  expect(parseInjections(example).kind).toBe('injector');
});

test('the Nth time, and every Nth', () => {
  const parsed = parseInjections('nmi@2, nmi/5');
  if (parsed.kind === 'wrong') throw new Error(parsed.why);
  const { injector } = parsed;
  const due = Array.from({ length: 10 }, (_, n) => (injector.due('nmi') ? n + 1 : 0)).filter(Boolean);
  expect(due).toEqual([2, 5, 10]);
  expect(injector.due('remove')).toBe(false);
  expect([...injector.counts]).toEqual([['nmi', 3]]);
});

test.each([
  ['nmi', 'nmi', 'expected KIND@N or KIND/N'],
  ['nmi@1,', '', 'expected KIND@N or KIND/N'],
  ['nmi@0', 'nmi@0', 'N is counted from 1'],
  ['smi@1', 'smi@1', 'there are drop-step, interrupt, nmi, two-cpus, remove, guest-int3'],
  ['constructor@1', 'constructor@1', 'there are drop-step, interrupt, nmi, two-cpus, remove, guest-int3'],
])('-x inject=%s is refused', (text, item, why) => {
  expect(parseInjections(text)).toEqual({ kind: 'wrong', item, why });
});

test('copies stay in a CPU’s scratch memory until the room is needed', () => {
  const ring = new SlotRing(2);
  const [first, second, third] = ['55', '53', '51'].map((hex) => read(hex));
  for (const displaced of [first!, second!]) {
    const at = 0x2000n + ring.nextOffset;
    ring.put({ displaced, at, slot: buildSlot(displaced, at)! });
  }
  expect([ring.find(first!)?.at, ring.find(second!)?.at]).toEqual([0x2000n, 0x2020n]);
  expect(ring.nextOffset).toBe(0n);
  ring.put({ displaced: third!, at: 0x2000n, slot: buildSlot(third!, 0x2000n)! });
  expect([ring.find(first!), ring.find(second!)?.at, ring.find(third!)?.at]).toEqual([
    undefined,
    0x2020n,
    0x2000n,
  ]);
});
