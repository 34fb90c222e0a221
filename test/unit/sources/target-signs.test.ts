/** Whose log a text is, told by any of the lines that only one target writes, wherever they stand. */
import { expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { targetIn } from '../../../src/sources/target.ts';
import { Window } from '../../../src/sources/window.ts';

const TRACE = 'Trace 0: 0x7f8629022a80 [0000000000000000/ffffffff81389ffe/0040c2b0/ff080200] \n';

test.each([
  ['x86', '     7: v=0e e=0004 i=0 cpl=3'],
  ['x86', '0: v=0e e='],
  ['x86', 'check_exception old: 0xffffffff new 0xe'],
  ['x86', 'Servicing hardware INT=0x20'],
  ['x86', 'RAX=0000000000000000 RBX='],
  ['x86', 'EAX=00000000 EBX='],
  ['x86', 'SMM: enter'],
  ['x86', 'Triple fault'],
  ['arm', 'Taking exception 5 [IRQ] on CPU 0'],
  ['arm', 'Exception return from AArch64 EL1'],
  ['arm', ' PC=ffff800008010c00 X00=0000000000000000'],
  ['arm', 'R00=00000000 R01=00000000'],
  ['riscv', 'riscv_cpu_do_interrupt: hart:0, async:1'],
  ['riscv', ' x0/zero  0000000000000000'],
  ['riscv', ' mhartid  0000000000000000'],
  [undefined, 'a console'],
])('%s: %s', (target, line) => {
  const memory = new LinearMemory();
  const window = new Window(memory, 4096);
  const text = Buffer.from(`${TRACE}${line}\n${TRACE}`, 'latin1');
  memory.u8.set(text, window.start);
  window.end = window.start + text.length;
  expect(targetIn(window)).toBe(target);
});
