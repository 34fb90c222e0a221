/**
 * Trace events of QEMU taken by the shapes of their lines are what the parser of strings makes of them: the same points, fields,
 * values and CPUs, from a real log, and from such lines with bytes changed.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LinearMemory } from '../../src/base/linear-memory.ts';
import { EventShapes } from '../../src/sources/qemu-events/event-shapes.ts';
import { TraceEventParser } from '../../src/sources/qemu-events/trace-events.ts';
import { NumberRecord } from '../../src/sources/text-trace/number-record.ts';
import { halves, PointTable, type TextRecord } from '../../src/sources/text-trace/points.ts';
import { TOP } from '../support/cli.ts';

const log = `${TOP}/examples/traces/linux-x86_64-int+trace-timestamps.log.gz`;
const captured = gunzipSync(readFileSync(log))
  .toString('latin1')
  .split('\n')
  .filter((line) => /^\d+@/.test(line));
const event = (text: string): string => `12@100.000001:${text}`;
const MADE = [
  "kvm_set_user_memory cpu -1 mr 0x55ff addr 0xfee00000 name 'apic-msi'",
  'i440FX_pci 00:00.0 @0x58 <- 0x33333000',
  'loader kernel.elf segment 1: @0x100000 size=0x154 ROM=0',
  'run_state running 1 reason 9 (running)',
  'cpu_work cpu 2 cpu=0x3 n -5, +6; 18446744073709551615',
  'twice a=1 a=2 a=x b 99999999999999999999999',
  "quoted '5' \"6 7\" '' x='8' y=0x",
  'many 1 2 3 4 5 6 7 8 9 10 11 12',
  'none',
  'glued(3)=4 0x5',
  'turns 1',
  'turns word',
].map(event);

/** All that a record says, with numbers as D reads them. */
function shown(record: TextRecord | undefined, table: PointTable): unknown {
  if (record === undefined) return undefined;
  const { fields } = table.points[record.point]!;
  const values = fields.map(({ type }, i) => {
    const value = record.values[i];
    return value === undefined || type === 'word' ? value : halves(value, false);
  });
  return [record.point, record.cpu, values];
}

/** How many lines were taken by their shapes. */
function expectSame(lines: readonly string[], readsArguments: boolean): number {
  const byString = new PointTable();
  const byShape = new PointTable();
  const strings = new TraceEventParser(byString);
  const memory = new LinearMemory();
  const shapes = new TraceEventParser(byShape, new EventShapes(memory, byShape, readsArguments));
  const at = memory.reserve(4096);
  let taken = 0;
  for (const [cpu, line] of lines.entries()) {
    const bytes = Buffer.from(`${line}99`, 'utf8');
    memory.u8.set(bytes, at);
    const record = shapes.take(memory.u8, at, at + bytes.length - 2, cpu);
    const expected = strings.record(line, cpu);
    if (record instanceof NumberRecord) taken++;
    if (readsArguments) expect(shown(record, byShape)).toEqual(shown(expected, byString));
    else expect([record?.point, record?.cpu]).toEqual([expected?.point, expected?.cpu]);
    expect(byShape.points).toEqual(byString.points);
  }
  return taken;
}

describe.each([true, false])('arguments are read: %s', (readsArguments) => {
  test('lines of a log', () => {
    const lines = captured.slice(0, 3000);
    const taken = expectSame(lines, readsArguments);
    if (readsArguments) expect(taken).toBeGreaterThan(2900); // otherwise this compares nothing
  });

  test('lines with bytes changed, cut and doubled', () => {
    const lines = [...captured.slice(500, 520), ...MADE];
    const edit = fc.record({
      line: fc.nat({ max: lines.length - 1 }),
      at: fc.nat({ max: 90 }),
      cut: fc.nat({ max: 4 }),
      text: fc.constantFrom(
        ...[
          '',
          ' ',
          '  ',
          '=',
          '"',
          "'",
          ',',
          ':',
          ';',
          '0',
          '9',
          'x',
          '0x',
          'f',
          '-',
          '+',
          '@',
          '.',
          '(',
          '\t',
        ],
        ...['é', ' cpu 3', ' cpu: -1', ' a=1', ' = ', ' <- ', '_', ' 123456789012345678901'],
      ),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (edits) => {
        const some = [...lines, ...lines];
        for (const { line, at, cut, text } of edits) {
          const old = lines[line]!;
          const place = Math.min(at, old.length);
          some.push(old, old.slice(0, place) + text + old.slice(place + cut), old);
        }
        expectSame([...some, ...some], readsArguments);
      }),
      { numRuns: 150 },
    );
  });
});
