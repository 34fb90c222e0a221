/** Frames of a stack as text: what is returned to may lie behind its function's end. */
import { expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { writeStack } from '../../../src/consumer/stacks.ts';
import { TextBuffer } from '../../../src/consumer/text-buffer.ts';
import { SymbolSet } from '../../../src/symbols/symbol-set.ts';
import { SymbolTableBuilder } from '../../../src/symbols/symbol-table.ts';

/** `entry` ends with a call that never returns; behind it there are four bytes of padding. */
function symbols(): SymbolSet {
  const builder = new SymbolTableBuilder();
  builder.add('kernel', 'do_exit', 0, 0x1000, 0x20, 'function', 'global');
  builder.add('kernel', 'entry', 0, 0x1040, 0x1c, 'function', 'global');
  builder.add('kernel', 'next', 0, 0x1060, 0x20, 'function', 'global');
  return new SymbolSet([builder.build()], (name) => name);
}

function stackText(...frames: readonly bigint[]): readonly string[] {
  const memory = new LinearMemory();
  const offset = memory.reserve(64);
  memory.u64.set([...frames, 0n], offset >> 3);
  const out = new TextBuffer();
  const field = { memory, offset, sizeBytes: 64 } as Parameters<typeof writeStack>[1];
  writeStack(out, field, symbols(), 0);
  return Buffer.from(out.bytes.subarray(0, out.length)).toString().trim().split('\n');
}

test.each([
  ['inside', 0x1050n, 'kernel`entry+0x10'],
  ['behind a last call', 0x105cn, 'kernel`entry+0x1c'],
  ['farther behind it', 0x105dn, 'kernel`0x105d'],
  ['the beginning of a function, where one was interrupted', 0x1060n, 'kernel`next'],
  ['nowhere', 0x9000n, '0x9000'],
])('%s', (_, address, text) => {
  expect(stackText(0x1000n, address)).toEqual(['kernel`do_exit', text]);
});

test('the first frame is no return address', () => {
  expect(stackText(0x105cn)).toEqual(['kernel`0x105c']);
});
