/**
 * Stepping over register dumps (L1 to L4 of sources/qemu-x86/layouts.ts): what a walk would notice is noticed, and what L4 leaves
 * out is exactly that.
 */
import { describe, expect, test } from 'vitest';
import { REGISTERS } from '../../../src/machine/registers.ts';
import { type Scanned, scanBytes } from '../../support/scanner-lab.ts';
import { traceBytes } from '../../support/sources-lab.ts';

/** A record of a 64-bit kernel, with its number left out. */
const RECORD = (() => {
  const text = traceBytes('linux-x86_64-boot-small').toString('latin1');
  const found = /^ *2000(: v=.*\n(?:[A-Z].*\n)*?EFER=.*\n)/m.exec(text);
  return found![1]!;
})();
/** The same with attributes of ES, and with a shorter name behind CCO. */
const LONG_ES = RECORD.replace(/^(ES =.*)$/m, '$1 DPL=0 DS   [-WA]');
const SHORT_CCO = RECORD.replace(/CCO=\w+/, 'CCO=CLR');
const LONG_CCO = RECORD.replace(/CCO=\w+/, 'CCO=EFLAGS');
const BUSY = RECORD.replace('TSS64-avl', 'TSS64-busy');

const DUMP = RECORD.slice(RECORD.indexOf('\n') + 1);

/** All shapes, each some times, so that they are learned and taken many at once; then the record; then healthy ones. */
function logWith(record: string): Buffer {
  const shapes = [RECORD, LONG_ES, SHORT_CCO, LONG_CCO, BUSY];
  const healthy = Array.from({ length: 40 }, (_, i) => shapes[i % shapes.length]!);
  const records = [...healthy, record, ...healthy.slice(0, 10)];
  return Buffer.from(records.map((text, i) => `${i}`.padStart(6) + text).join(''), 'latin1');
}

const found = ({ events, ledger }: Scanned): unknown => ({
  events,
  eventBytes: ledger.eventBytes,
  nonEvents: [...ledger.nonEvents],
  losses: [...ledger.losses],
});

interface Both {
  readonly fast: Scanned;
  readonly careful: Scanned;
}

function scanned(record: string, hasVectors: boolean): Both {
  const options = { windowBytes: 6000, columns: [REGISTERS.rax.id], hasVectors };
  const bytes = logWith(record);
  return { fast: scanBytes(bytes, options), careful: scanBytes(bytes, { ...options, scan: 'careful' }) };
}

test('an interrupt of real mode in front of a check_exception line like the last one has left with that line', () => {
  const [nested, usual] = ['old: 0xe new 0xb', 'old: 0xffffffff new 0xe'].map(
    (text) => `check_exception ${text}\n`,
  );
  const bytes = Buffer.from(`${usual}${nested}Servicing hardware INT=0x08\n${usual}`, 'latin1');
  const [fast, careful] = [scanBytes(bytes), scanBytes(bytes, { scan: 'careful' })];
  expect(careful.state).toBeDefined();
  expect([found(fast), fast.state]).toEqual([found(careful), careful.state]);
});

test('a dump that has lost the line of the stack pointer has not that of the dump before', () => {
  const rip = /^RIP=(\w+)/m.exec(DUMP)![1]!;
  const exec = `Trace 0: 0x7f8629022a80 [0000000000000000/${rip}/0040c2b0/ff080200] \n`;
  const without = DUMP.replace(/^RSI=.*\n/m, '');
  for (const before of ['SMM: enter\n', exec]) {
    const lastBehind = (rsp: string, scan: 'fast' | 'careful'): string => {
      const first = `${before}${DUMP.replace(/RSP=\w+/, `RSP=${rsp.repeat(16)}`)}`;
      return scanBytes(Buffer.from(`${first}${before}${without}`, 'latin1'), { scan }).events.at(-1)!;
    };
    const last = lastBehind('1', 'careful');
    expect([lastBehind('2', 'careful'), lastBehind('1', 'fast'), lastBehind('2', 'fast')]).toEqual([
      last,
      last,
      last,
    ]);
  }
});

const line = (label: string): string => new RegExp(`^${label}.*\\n`, 'm').exec(RECORD)![0];
const behind = (record: string, label: string, text: string): string =>
  record.replace(line(label), `${new RegExp(`^${label}.*\\n`, 'm').exec(record)![0]}${text}`);

const NOTICED: Readonly<Record<string, string>> = {
  'text where attributes of a segment would be': behind(RECORD, 'ES =', 'sixteen letters.\n'),
  'text that makes a short name of CCO a long one': SHORT_CCO.replace(/(CCO=CLR *)\n/, '$1\nab\n'),
  'an empty line that makes a free TSS a busy one': RECORD.replace('TSS64-avl\n', 'TSS64-avl\n\n'),
  'a line lost': RECORD.replace(line('R8 '), ''),
  'a line twice': behind(RECORD, 'R8 ', line('R8 ')),
  'a line lost and another twice': RECORD.replace(line('R8 '), line('R12')),
  'two lines that have changed places': RECORD.replace(line('R8 ') + line('R12'), line('R12') + line('R8 ')),
  'a line cut': RECORD.replace(/^(IDT=.{10}).*$/m, '$1'),
  'text moved from one line to another': RECORD.replace(/^(GDT= {5})(.{8})(.*\n)(IDT=)/m, '$1$3$4$2'),
  'a label damaged': RECORD.replace('\nDR6=', '\nDR5='),
  'two lines in one': RECORD.replace('\nDR0=', ' DR0='),
  'a line of another CPU': behind(RECORD, 'LDT=', 'check_exception old: 0xffffffff new 0xe\n'),
  'no digit in the instruction pointer': RECORD.replace(/^RIP=./m, 'RIP=x'),
  'no digit in the stack pointer': RECORD.replace(/RSP=./, 'RSP=x'),
  'another stack pointer': RECORD.replace(/RSP=./, 'RSP=1'),
  'no digit in the flags': RECORD.replace(/RFL=./, 'RFL=x'),
  'another privilege level': RECORD.replace(/\] CPL=(.)/, (_, cpl: string) => `] CPL=${cpl === '3' ? 0 : 3}`),
  'no digit in the task register': RECORD.replace(/^TR =./m, 'TR =x'),
  'a newline behind the task register': RECORD.replace(/^(TR =....) /m, '$1\n'),
  'a newline in the address of the task': RECORD.replace(/^(TR =.{8})./m, '$1\n'),
  'another task register': RECORD.replace(/^(TR =.{15})./m, '$17'),
  'no digit where a program looks': RECORD.replace(/^RAX=./m, 'RAX=x'),
};

describe.each([
  ['with vectors', true],
  ['without', false],
])('%s', (_, hasVectors) => {
  test('all records are as they should be', () => {
    const { fast, careful } = scanned(RECORD, hasVectors);
    expect(found(fast)).toEqual(found(careful));
    expect(fast.events.length).toBe(51);
    expect(fast.run >= 30).toBe(hasVectors);
  });

  test.each(Object.entries(NOTICED))('%s', (_name, record) => {
    expect([RECORD, LONG_ES, SHORT_CCO, LONG_CCO, BUSY]).not.toContain(record);
    const { fast, careful } = scanned(record, hasVectors);
    expect(found(fast)).toEqual(found(careful));
    expect(fast.run >= 30).toBe(hasVectors);
  });

  test.each(Object.entries({ ...NOTICED, 'nothing at all': RECORD }))(
    'behind a line of its own: %s',
    (_name, record) => {
      const dump = record.slice(record.indexOf('\n') + 1);
      const alone = `SMM: enter\n${DUMP}SMM: after RSM\n${DUMP}SMM: enter\n${dump}SMM: after RSM\n${DUMP}`;
      const { fast, careful } = scanned(`${RECORD}${alone}`, hasVectors);
      expect(found(fast)).toEqual(found(careful));
      expect(fast.state).toEqual(careful.state);
    },
  );

  test('many events that wait, and dumps of some of them', () => {
    const header = (i: number): string => `${i}`.padStart(6) + RECORD.slice(0, RECORD.indexOf('\n') + 1);
    const headers = Array.from({ length: 20 }, (_each, i) => header(60 + i)).join('');
    const { fast, careful } = scanned(`${RECORD}${headers}${DUMP.repeat(30)}`, hasVectors);
    expect(careful.ledger.losses.size).toBeGreaterThan(0);
    expect(found(fast)).toEqual(found(careful));
    expect(fast.state).toEqual(careful.state);
  });

  test('events that wait while a record of -d exec may be taken back, and a dump after which it may not', () => {
    const header = `    60${RECORD.slice(0, RECORD.indexOf('\n') + 1)}`;
    const exec = 'Trace 0: 0x7f8629022a80 [0000000000000000/ffffffff81000000/0040c2b0/ff080200] \n';
    const linking = 'Linking TBs 0x7f8629022a80 index 0 -> 0x7f8629022b80\n';
    const { fast, careful } = scanned(
      `${RECORD}${exec.repeat(40)}${header}${exec.repeat(20)}${linking}${DUMP}`,
      hasVectors,
    );
    expect(found(fast)).toEqual(found(careful));
    expect(fast.state).toEqual(careful.state);
  });

  test('L4: a digit where nobody looks is what it is', () => {
    const { fast, careful } = scanned(RECORD.replace(/^DR6=./m, 'DR6=x'), hasVectors);
    expect(found(fast)).toEqual(found(careful));
    expect([...fast.ledger.losses]).toEqual([]);
  });

  test('L4: a newline in the middle of a line is seen by the careful way alone', () => {
    const { fast, careful } = scanned(RECORD.replace(/^(DR6=.{8})./m, '$1\n'), hasVectors);
    expect([...fast.ledger.losses]).toEqual([]);
    expect(careful.ledger.losses.get('torn')).toMatchObject({ count: 1 });
    expect(fast.events.length).toBe(careful.events.length);
  });
});
