/** The probe table: ids, descriptions that match, probes made on demand. */
import { expect, test } from 'vitest';
import type { ProbePattern } from '../../../src/dif/program.ts';
import { ProbeTable } from '../../../src/engine/probes.ts';

function pattern(text: string, id?: number): ProbePattern {
  const [provider = '', module = '', func = '', name = ''] = text.split(':');
  return { provider, module, function: func, name, id, text };
}

function table(): ProbeTable {
  const probes = new ProbeTable();
  for (const name of ['BEGIN', 'END', 'ERROR']) probes.create('dtrace', '', '', name);
  probes.create('vec', 'exception', 'page_fault', '0x0e', {
    isAlias: (name) => name === '14' || name === '0xE',
  });
  probes.create('vec', 'interrupt', 'irq', '0x20', { isAlias: (name) => name === '32' });
  return probes;
}

test.each([
  ['dtrace:::BEGIN', [1]],
  [':::BEGIN', [1]],
  ['vec:::', [4, 5]],
  ['vec:::14', [4]],
  ['vec:::0xE', [4]],
  ['vec::page_*:', [4]],
  ['v?c:::0x[0-2]*', [4, 5]],
  ['vec:::99', []],
  [':::', [4, 5]], // a wholly empty description leaves out probes without a function
])('%s matches %j', (text, ids) => {
  expect(
    table()
      .match(pattern(text))
      .map(({ id }) => id),
  ).toEqual(ids);
});

test('an id names one probe, or none', () => {
  expect(
    table()
      .match(pattern(':::', 4))
      .map(({ name }) => name),
  ).toEqual(['0x0e']);
  expect(table().match(pattern(':::', 99))).toEqual([]);
});

test('a probe is made once; providers are shown each description', () => {
  const probes = table();
  expect(probes.create('dtrace', '', '', 'END').id).toBe(2);
  probes.addProvider({
    name: 'profile',
    provide: ({ name }, to) => {
      if (name === 'tick-7s') to.create('profile', '', '', name);
    },
  });
  expect(probes.match(pattern(':::tick-7s')).map(({ id }) => id)).toEqual([6]);
  expect(probes.match(pattern(':::tick-7s')).map(({ id }) => id)).toEqual([6]);
  expect(probes.all).toHaveLength(6);
});
