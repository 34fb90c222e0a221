/** `Servicing hardware INT` lines: which mark a record, and which are all there is of an interrupt of real mode. */
import { describe, expect, test } from 'vitest';
import { EVENT_FLAGS, EVENT_KINDS } from '../../../src/machine/event-batch.ts';
import { type MadeEvent, record } from '../../support/int-records.ts';
import { scanBytes } from '../../support/scanner-lab.ts';
import { type Row, replay, scratchFolder } from '../../support/sources-lab.ts';

const scratch = scratchFolder();
const CHECK = 'check_exception old: 0xffffffff new 0x';
const service = (vector: string): string => `Servicing hardware INT=0x${vector}\n`;
const bare = (number: number, made: MadeEvent): string => record(number, made).replace(/^[cS].*\n/, '');
const RESET = `CPU Reset (CPU 0)\n${bare(0, {}).replace(/^.*\n/, '')}`;

/** Events as words: `ec` a record, `ec*` one that a device raised, `(08)` an interrupt of real mode. */
function wordOf({ kind, vector, flags }: Row): string {
  const number = vector.toString(16).padStart(2, '0');
  if (kind === 'real_mode_irq') return `(${number})`;
  if (kind !== 'vec') return kind;
  return (flags & EVENT_FLAGS.HARDWARE) !== 0 ? `${number}*` : number;
}

const CASES: readonly (readonly [name: string, text: string, events: string])[] = [
  ['a record at once', service('ec') + bare(0, {}), 'ec*'],
  ['a record of a number that exceptions have', service('08') + bare(0, { v: 8 }), '08*'],
  ['no record', service('08'), '(08)'],
  ['one after the other', service('08').repeat(6), '(08) (08) (08) (08) (08) (08)'],
  ['an exception of the same number', `${service('08')}${CHECK}8\n${bare(0, { v: 8 })}`, '(08) 08'],
  ['an INT of the same number', service('80') + bare(0, { v: 0x80, soft: true }), '(80) 80'],
  ['another record', service('08') + bare(0, { v: 13 }), '(08) 0d'],
  ['two, the second with a record', service('08') + service('ec') + bare(0, {}), '(08) ec*'],
  ['SMM behind it', `${service('08')}SMM: enter\n${bare(0, {}).replace(/^.*\n/, '')}`, '(08) smm_enter'],
  ['a reset behind it', service('76') + RESET, '(76) reset'],
  [
    'a guest error before its record',
    `${service('ec')}Invalid read at addr 0x7\n${bare(0, {})}`,
    'guest_error ec*',
  ],
  [
    'a guest error and no record',
    `${service('08')}Invalid read at addr 0x7\n${CHECK}d\n`,
    '(08) guest_error',
  ],
  ['a guest error before it', `Invalid read at addr 0x7\n${service('08')}`, 'guest_error (08)'],
  ['console text before its record', `${service('ec')}Booting\n${bare(0, {})}`, 'ec*'],
  ["behind another CPU's record", service('ec') + bare(0, { v: 14 }) + bare(1, {}), '0e ec*'],
  [
    'not behind the records of more CPUs than four',
    service('ec') + [0, 1, 2, 3].map((i) => bare(i, { v: 14 })).join('') + bare(4, {}),
    '(ec) 0e 0e 0e 0e ec',
  ],
  [
    'of many only the latest four',
    ['71', '72', '73', '74', '75', '71', '75'].map(service).join('') +
      bare(0, { v: 0x71 }) +
      bare(1, { v: 0x72 }),
    '(71) (72) (73) (74) (75) (75) 71* 72',
  ],
  ['in a guest of the guest', `Servicing virtual hardware INT=0x30\n${bare(0, { v: 0x30 })}`, '30*'],
  ['in a guest of the guest, without a record', 'Servicing virtual hardware INT=0x31\n', '(31)'],
  ['times in front of the lines', `2026-01-02T03:04:05.678901Z ${service('08')}`, '(08)'],
];

describe.each(['careful', 'fast'] as const)('%s', (scan) => {
  test.each(CASES)('%s', async (name, text, events) => {
    const file = scratch.write(`${name}.log`, text);
    const { rows, ledger, diagnostic } = await replay([file], { rows: true, scan });
    expect(diagnostic).toBeUndefined();
    expect(rows.map(wordOf).join(' ')).toBe(events);
    expect(ledger.accountedBytes).toBe(ledger.totalBytes);
    expect(ledger.losses).toEqual({});
    expect(ledger.nonEvents['servicing']?.count).toBe(text.match(/Servicing/g)!.length);
  });
});

test('the event has the place, number and time of its line, and interrupts were enabled', async () => {
  const text = `${record(7, {})}5@1700000000.000000:a b\n5@1700000000.000250:a b\n${service('08')}${bare(8, { v: 13 })}`;
  const { rows } = await replay([scratch.write('place.log', text)], { rows: true });
  const { kind, seq, line, time, cpu, flags } = rows[1]!;
  expect({ kind, seq, line, time, cpu }).toEqual({
    kind: 'real_mode_irq',
    seq: 7n,
    line: text.slice(0, text.indexOf('=0x08')).split('\n').length,
    time: 250_000,
    cpu: 0,
  });
  expect(flags & (EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN | EVENT_FLAGS.SOFT)).toBe(
    EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN,
  );
});

test('a log cannot be entered between a line and its record', () => {
  const at = (text: string): unknown => scanBytes(Buffer.from(text, 'latin1')).state;
  expect(at(record(0, {}))).toBeDefined();
  expect(at(record(0, {}) + service('ec'))).toBeUndefined();
  expect(at(record(0, {}) + service('76') + bare(1, { v: 14 }))).toBeUndefined();
  expect(at(record(0, {}) + service('08') + bare(1, { v: 14 }))).toBeDefined(); // nothing can claim it any more
});

test('the numbers of kinds are different', () => {
  expect(new Set(Object.values(EVENT_KINDS)).size).toBe(Object.keys(EVENT_KINDS).length);
});
