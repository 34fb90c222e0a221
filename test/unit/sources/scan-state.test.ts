/** A scanner's state at a clean place: one that begins there does what one that came there would have done. */
import { describe, expect, test } from 'vitest';
import { FIRST_STATE } from '../../../src/sources/qemu-x86/scan-state.ts';
import { type Scanned, scanBytes } from '../../support/scanner-lab.ts';
import { traceBytes } from '../../support/sources-lab.ts';

const TRACES = [
  'linux-x86_64-boot-small',
  'linux-x86_64-smp2-torn',
  'linux-x86_64-int+trace-timestamps',
  'linux-x86_64-stderr-mixed',
  'linux-i386-boot',
  'tiny32-int-storm',
];

/** Places in front of a header and behind a line that belongs to no other record, about evenly spread. */
function cutsOf(bytes: Buffer, count: number): number[] {
  const text = bytes.toString('latin1');
  const place = /\n(?:EFER=|check_exception ).*\r?\n(?= *\d+: v=)/g;
  return Array.from({ length: count }, (_, i) => {
    place.lastIndex = Math.floor((bytes.length * (i + 1)) / (count + 1));
    place.exec(text);
    return place.lastIndex;
  });
}

function counts({ ledger }: Scanned): Record<string, number> {
  const all: Record<string, number> = {
    total: ledger.totalBytes,
    events: ledger.events,
    eventBytes: ledger.eventBytes,
  };
  for (const [kind, row] of ledger.nonEvents) {
    all[kind] = row.count;
    all[`${kind} bytes`] = row.bytes;
  }
  for (const [kind, row] of ledger.losses) {
    all[`lost ${kind}`] = row.count;
    all[`lost ${kind} bytes`] = row.bytes;
  }
  return all;
}

function sum(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const total = { ...a };
  for (const [name, value] of Object.entries(b)) total[name] = (total[name] ?? 0) + value;
  return total;
}

describe.each(TRACES)('%s in two pieces', (name) => {
  const bytes = traceBytes(name);
  const whole = scanBytes(bytes);
  test.each(cutsOf(bytes, 5))('at %d', (cut) => {
    const first = scanBytes(bytes.subarray(0, cut));
    const { state } = first;
    if (state === undefined) return expect(name).toContain('smp2'); // another CPU's header is open there
    const second = scanBytes(bytes.subarray(cut), { state });
    expect([...first.events, ...second.events]).toEqual(whole.events);
    expect(sum(counts(first), counts(second))).toEqual(counts(whole));
    expect(second.state).toEqual(whole.state);
  });
});

describe('records of -d exec in two pieces', () => {
  const trace = (cpu: number, pc: string): string =>
    `Trace ${cpu}: 0x7f8629022a80 [0000000000000000/${pc.padStart(16, '0')}/0040c2b0/ff080200] \n`;
  const before = `${Array.from({ length: 40 }, (_, i) => trace(0, `${i}`)).join('')}${trace(1, 'b')}${trace(0, 'a1')}${trace(0, 'a2')}`;
  const stopped = 'Stopped execution of TB chain before 0x7f8629022a80 [00000000000000c0] \n';
  const behind = `${trace(0, 'c0')}Linking TBs 0x7f index 1 -> 0x7f\nsome console text\n${stopped}${trace(0, 'd')}`;

  test('one that another waits for does not keep a place from being clean, and that there are CPUs goes on', () => {
    const whole = scanBytes(Buffer.from(before + behind));
    const first = scanBytes(Buffer.from(before));
    expect(first.state).toMatchObject({ held: 2, severalCpus: true });
    const second = scanBytes(Buffer.from(behind), { state: first.state! });
    expect([...first.events, ...second.events]).toEqual(whole.events);
    expect(sum(counts(first), counts(second))).toEqual(counts(whole));
    expect(second.ledger.losses.size).toBe(0);
  });
});

test('the first state is that of a new scanner', () => {
  expect(scanBytes(new Uint8Array(0)).state).toEqual(FIRST_STATE);
  expect(scanBytes(new Uint8Array(0), { state: FIRST_STATE }).state).toEqual(FIRST_STATE);
});

test('no state where something is half done', () => {
  const bytes = traceBytes('linux-x86_64-boot-small');
  const dump = bytes.indexOf('\nRAX=', bytes.length >> 1) + 1;
  expect(scanBytes(bytes.subarray(0, dump)).state).toBeUndefined();
  expect(scanBytes(bytes.subarray(0, bytes.indexOf('\n', dump) + 1)).state).toBeUndefined();
});
