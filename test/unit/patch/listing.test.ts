/** The site table as text. */
import { beforeAll, expect, test } from 'vitest';
import { siteListing } from '../../../src/patch/listing.ts';
import { Patcher } from '../../../src/patch/patcher.ts';
import { type DisplacedReader, openDisplacedReader } from '../../../src/x86/displaced.ts';
import { FakeTarget } from '../../support/fake-patch-target.ts';

const AT = 0xffff_ffff_8100_0000n;

let reader: DisplacedReader;
beforeAll(async () => {
  reader = await openDisplacedReader();
});

test('one line per probe, numbers to the right, a reason where there is one', () => {
  const target = new FakeTarget();
  target.map(AT, Buffer.from('554889e5cc0f30c3', 'hex'));
  const patcher = new Patcher(target, reader, { fire: () => 'withheld' });
  const set = (offset: bigint, probe: string) =>
    patcher.set({ address: AT + offset, probe, place: 'instruction' });
  set(0n, 'fbt:k:f:entry');
  set(0n, 'fbt:k:g:entry');
  set(4n, 'fbt:k:f:trap');
  set(5n, 'fbt:k:f:wrmsr');
  set(7n, 'fbt:k:f:return');
  target.setRip(AT + 1n);
  patcher.trap(0, 3);
  patcher.remove(AT + 7n);
  expect(siteListing(patcher.table.list()).trimEnd().split('\n')).toEqual([
    'ADDRESS           PATCH  BYTES  LENGTH  METHOD    STATE    HITS  WITHHELD  INSTRUCTION  PROBE',
    'ffffffff81000000  cc     55          1  emulated  armed       1         1  push %rbp    fbt:k:f:entry',
    'ffffffff81000000  cc     55          1  emulated  armed       1         1  push %rbp    fbt:k:g:entry',
    'ffffffff81000004         cc          1            refused     0         0  int3         fbt:k:f:trap',
    '    already INT3',
    'ffffffff81000005  cc     0f 30       2  stepped   armed       0         0  wrmsr        fbt:k:f:wrmsr',
    'ffffffff81000007         c3          1  emulated  removed     0         0  ret          fbt:k:f:return',
  ]);
});

test('an empty table is its heading', () => {
  expect(siteListing([]).split('\n')).toHaveLength(2);
});
