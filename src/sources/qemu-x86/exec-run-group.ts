/**
 * Four records of `-d exec` at once, for the loop of exec-run-code.ts. Most records are like the one before but for the
 * host's address, the pc and the CPU's last digit. So four lines are compared with the latest record, which was taken with
 * care, as five vectors each:
 *
 *   Trace 0: 0x7fbe626513c0 [0000000000000000/ffffffff81363fa0/0040c2b0/ff000200] \n
 *   ======^====------------===================----------------======================     = the same, - and ^ digits
 *  [ beginning    ]       [  CS base     ]                   [ flags        ]
 *                           [    place     ]                     [ end           ]
 *
 * The newline is among what is the same, so the lines are as long, too. Where one of four lines differs they are left to
 * the loop, which tries the next four again; the more often in vain, the later.
 *
 * It is a function of its own so that the engine has registers for it.
 */
import {
  add,
  addF64,
  and,
  call,
  defineFunction,
  type FunctionHandle,
  type FunctionWriter,
  geU,
  gtU,
  type I32,
  i8x16,
  i16x8,
  i32,
  type Local,
  load8,
  load16,
  load32,
  loadF64,
  ltU,
  mul,
  or,
  select,
  shl,
  shrU,
  sub,
  toF64,
  toI64,
  type V128,
  v128,
  xor,
} from '../../base/wasm-build.ts';
import type { WasmLabel, WasmModule } from '../../base/wasm-encode.ts';
import { NIBBLE_CONSTANTS, nibbles, notDigits, packed } from '../hex-code.ts';
import {
  type ExecColumns,
  NOTES,
  REACH_BYTES,
  RING_ENTRY,
  RING_ROWS,
  type VectorConstants,
} from './exec-run-notes.ts';
import { type ExecShape, offsetsOf } from './exec-run-shape.ts';

const GROUP = 4;
/** Lines taken one by one after four that were not alike; twice as many after the next time, up to the most. */
const LEAST_WAIT = 4;
const MOST_WAIT = 256;
/** No CPU has a greater number than 31, so behind a 3 are only 0 and 1. */
const LAST_TENS = 30;
/** Bits of digits that a CPU's number cannot end with. */
const NOT_UNITS = ~0x3ff;
const NOT_LAST_UNITS = ~3;
const DIGIT_0 = 0x30;
const LETTER_A = 0x61;
/** The first vector begins so far in front of the colon, and the CPU's last digit is this one of its bytes. */
const AHEAD = 8;
const UNIT = AHEAD - 1;
/** A line on, in an entry of the ring: the place is in the low half, the line in the high one. */
const ONE_LINE = 1n << 32n;
const FOUR_TIMES = 0x0001_0001_0001_0001n;

const TAKES = {
  before: 'i32', // the colon of the record to compare with
  at: 'i32', // the line behind it
  stop: 'i32', // no group begins whose first colon is there
  row: 'i32',
  line: 'i32',
  size: 'i32', // of a line
  cpu: 'i32',
  cpl: 'i32',
} as const;
type Parameters = { readonly [name in keyof typeof TAKES]: Local<'i32'> };

const localsOf = (f: FunctionWriter) => ({
  tail: f.local('i32'), // where the last vector is, from the colon
  tens: f.local('i32'), // of the CPUs' numbers, times ten
  notUnits: f.local('i32'),
  bits: f.local('i32'), // of the last digits
  cpus: f.local('i64'), // of four rows
  colons: Array.from({ length: GROUP }, () => f.local('i32')),
  units: Array.from({ length: GROUP }, () => f.local('i32')), // the numbers' last digits
  like: Array.from({ length: 5 }, () => f.local('v128')),
  unlike: f.local('v128'), // the beginnings
  bad: f.local('v128'),
  worst: f.local('v128'),
  text: f.local('v128'),
  distance: f.local('v128'),
  digits: Array.from({ length: GROUP }, () => f.local('v128')), // of the pcs
});

/** What the function is made of. */
interface Writing {
  readonly f: FunctionWriter;
  readonly v: ReturnType<typeof localsOf>;
  readonly shape: ExecShape;
  readonly columns: ExecColumns;
  readonly constant: (bytes: readonly number[]) => V128;
  readonly constants: VectorConstants;
}

/** As many groups as are alike; the row behind. */
export function defineGroups(
  module: WasmModule,
  shape: ExecShape,
  columns: ExecColumns,
  constants: VectorConstants,
): FunctionHandle<'i32'> {
  return defineFunction(module, { name: 'groups', takes: TAKES, gives: 'i32' }, (f, p) => {
    const v = localsOf(f);
    const kept = new Map<string, Local<'v128'>>();
    for (const byte of [...NIBBLE_CONSTANTS, DIGIT_0, 4]) {
      const bytes = new Array<number>(16).fill(byte);
      kept.set(bytes.join(), f.local('v128', constants.of(bytes)));
    }
    const constant = (bytes: readonly number[]): V128 => kept.get(bytes.join()) ?? constants.of(bytes);
    const w: Writing = { f, v, shape, columns, constant, constants };
    const first = f.local('i32', p.row);
    writePreparation(w, p);
    f.block((leave) => {
      f.loop((again) => {
        f.goIf(leave, geU(v.colons[0]!, p.stop));
        for (let i = 1; i < GROUP; i++) f.set(v.colons[i]!, add(v.colons[i - 1]!, p.size));
        writeComparison(w, leave);
        writeDigits(w, leave);
        writeCpus(w, p.row, leave);
        writePcs(w, p.row);
        if (columns.cpl !== 0) f.store32(p.row, p.cpl, columns.cpl);
        f.bump(p.row, GROUP);
        f.set(v.colons[0]!, add(v.colons[GROUP - 1]!, p.size));
        f.go(again);
      });
    });
    if (columns.line !== 0) writeLines(w, p, first);
    writeRing(w, p, first);
    f.give(p.row);
  });
}

/** What the latest line has where lines are compared. */
function writePreparation({ f, v, ...w }: Writing, { before, size, cpu, cpl }: Parameters): void {
  const flags = offsetsOf(w.shape).flagsAt - 1;
  f.set(v.colons[0]!, add(before, size));
  f.set(v.tail, load32(w.columns.notes + NOTES.tail));
  f.set(v.tail, select(ltU(v.tail, flags), i32(flags), v.tail));
  f.set(v.tens, sub(cpu, sub(load8(sub(before, 1)), DIGIT_0)));
  f.set(v.notUnits, select(geU(v.tens, LAST_TENS), i32(NOT_LAST_UNITS), i32(NOT_UNITS)));
  f.set(v.cpus, mul(toI64(cpu), FOUR_TIMES));
  f.set(cpl, mul(cpl, 0x0101_0101));
  for (const [i, { load }] of vectorsOf({ f, v, ...w }).entries()) f.set(v.like[i]!, load(before));
}

interface ComparedVector {
  readonly load: (colon: Local<'i32'>) => V128;
  readonly counts: (bytes: V128) => V128; // zeros in place of what does not
}

function vectorsOf({ shape, constants, v }: Writing): readonly ComparedVector[] {
  const { csAt, pcAt, flagsAt, pointerAt } = offsetsOf(shape);
  const beginning = Array.from({ length: 16 }, (_, i) => (i === UNIT || i >= AHEAD + pointerAt ? 0 : 0xff));
  return [
    { load: (q) => v128.load(sub(q, AHEAD)), counts: (bytes) => v128.and(bytes, constants.of(beginning)) },
    { load: (q) => v128.load(q, csAt - 2), counts: (bytes) => constants.firstOf(2 + shape.csDigits, bytes) },
    { load: (q) => v128.load(q, pcAt - 16), counts: (bytes) => constants.lastOf(shape.csDigits + 1, bytes) },
    { load: (q) => v128.load(q, flagsAt - 1), counts: (bytes) => bytes },
    { load: (q) => v128.load(add(q, v.tail)), counts: (bytes) => bytes },
  ];
}

const anyOf = (bytes: readonly V128[]): V128 => bytes.reduce((a, b) => v128.or(a, b));

function writeComparison(w: Writing, leave: WasmLabel): void {
  const { f, v } = w;
  let counted: V128[] = [];
  for (const [i, { load, counts }] of vectorsOf(w).entries()) {
    const differences = anyOf(v.colons.map((colon) => v128.xor(load(colon), v.like[i]!)));
    if (i === 0) f.set(v.unlike, differences);
    counted.push(counts(i === 0 ? v.unlike : differences));
    // The engine loads first all that a test needs: more than two times four vectors would not have registers.
    if (i % 2 === 0 && i < 4) continue;
    f.goIf(leave, v128.anyTrue(anyOf(counted)));
    counted = [];
  }
}

/** Those of the pointers, which must be digits, and of the pcs. */
function writeDigits({ f, v, shape, constant, constants }: Writing, leave: WasmLabel): void {
  const { pointerAt, pcAt } = offsetsOf(shape);
  const splat = (byte: number): V128 => constant(new Array<number>(16).fill(byte));
  const zero = v128.bytes([]);
  f.set(v.worst, zero);
  f.set(v.bad, zero);
  for (const [i, colon] of v.colons.entries()) {
    // Digits are 0 to 9 above 0, and letters are moved to 4 to 9; anything else is greater.
    f.set(v.text, v128.load(colon, pointerAt));
    const letter = i8x16.addSatU(i8x16.sub(v.text, splat(LETTER_A)), splat(4));
    f.set(v.worst, i8x16.maxU(v.worst, i8x16.minU(i8x16.sub(v.text, splat(DIGIT_0)), letter)));
    f.set(v.text, v128.load(colon, pcAt));
    f.set(v.digits[i]!, nibbles(v.text, constant));
    f.set(v.bad, v128.or(v.bad, v.digits[i]!));
  }
  const noPointer = constants.firstOf(shape.pointerDigits, i8x16.subSatU(v.worst, constants.splat(9)));
  const noPc = constants.firstOf(shape.pcDigits, notDigits(v.bad, constant));
  f.goIf(leave, v128.anyTrue(v128.or(noPointer, noPc)));
}

/** Mostly they are the same CPU's; else its number's last digit is another. */
function writeCpus({ f, v, columns }: Writing, row: Local<'i32'>, leave: WasmLabel): void {
  f.when(
    i8x16.extract(v.unlike, UNIT),
    () => {
      for (const [i, unit] of v.units.entries()) f.set(unit, xor(load8(sub(v.colons[i]!, 1)), DIGIT_0));
      f.set(
        v.bits,
        v.units.map((unit): I32 => shl(1, unit)).reduce((a, b) => or(a, b)),
      );
      const all = v.units.reduce<I32>((a, b) => or(a, b), i32(0));
      f.goIf(leave, or(and(v.bits, v.notUnits), and(all, ~15)));
      increaseBits(f, columns.notes + NOTES.cpus, shl(v.bits, v.tens));
      for (const [i, unit] of v.units.entries()) {
        f.store16(shl(row, 1), add(unit, v.tens), columns.cpu + 2 * i);
      }
      const last = GROUP - 1;
      f.set(v.cpus, mul(toI64(add(v.units[last]!, v.tens)), FOUR_TIMES));
      f.set(v.like[0]!, v128.load(sub(v.colons[last]!, AHEAD)));
    },
    () => f.store64(shl(row, 1), v.cpus, columns.cpu),
  );
}

const increaseBits = (f: FunctionWriter, address: number, bits: I32): void =>
  f.store32(address, or(load32(address), bits));

const EVEN_BYTES = Array.from({ length: 16 }, (_, i) => (i & 1 ? 0 : 0xff));
const SWAPPED = [7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8];

function writePcs({ f, v, shape, columns, constant }: Writing, row: Local<'i32'>): void {
  const at = shl(row, 3);
  const pairs = (digits: Local<'v128'>): V128 =>
    v128.and(v128.or(i16x8.shl(digits, 4), i16x8.shrU(digits, 8)), constant(EVEN_BYTES));
  for (let i = 0; i < GROUP; i += 2) {
    const to = columns.pc + 8 * i;
    f.set(v.text, i8x16.narrow(pairs(v.digits[i]!), pairs(v.digits[i + 1]!)));
    const both = i8x16.swizzle(v.text, constant(SWAPPED));
    if (shape.pcDigits === 16) {
      f.storeV128(at, both, to);
      continue;
    }
    f.set(v.text, both);
    for (const lane of [0, 1] as const) {
      const pc = shrU(packed(v.text, lane), BigInt(64 - 4 * shape.pcDigits));
      f.store64(at, pc, to + 8 * lane);
    }
  }
}

/** Of all rows from `first` on. */
function writeLines({ f, columns }: Writing, { row, line }: Parameters, first: Local<'i32'>): void {
  const next = f.local('i32', first);
  const number = f.local('f64', addF64(loadF64(columns.notes + NOTES.firstLine), toF64(line)));
  const one = f.local('f64', toF64(i32(1)));
  f.repeatWhile(
    () => ltU(next, row),
    () => {
      f.storeF64(shl(next, 3), number, columns.line);
      f.set(number, addF64(number, one));
      f.bump(next, 1);
    },
  );
}

/** The ring's entries of the latest rows: from `first` on they are in lines one behind the other, of the same size. */
function writeRing({ f, columns }: Writing, { at, row, line, size }: Parameters, first: Local<'i32'>): void {
  const next = f.local('i32', first);
  const over = f.local('i32', sub(row, first));
  f.set(over, select(gtU(over, RING_ROWS), sub(over, RING_ROWS), i32(0)));
  f.bump(next, over);
  const note = f.local('i64', or(toI64(add(at, mul(over, size))), shl(toI64(add(line, over)), 32n)));
  const step = f.local('i64', or(toI64(size), ONE_LINE));
  f.repeatWhile(
    () => ltU(next, row),
    () => {
      f.store64(shl(and(next, RING_ROWS - 1), 4), note, columns.notes + NOTES.ring + RING_ENTRY.at);
      f.set(note, add(note, step));
      f.bump(next, 1);
    },
  );
}

/** Where the loop is, and what the line has left that it took last. */
export type LoopPlace = Readonly<
  Record<
    'at' | 'end' | 'row' | 'rows' | 'line' | 'lastAt' | 'q' | 'cpu' | 'cpl' | 'lastCpu' | 'cpus' | 'execLine',
    Local<'i32'>
  >
>;

/** The loop's side. */
export class ExecGroups {
  private readonly f: FunctionWriter;
  private readonly place: LoopPlace;
  private readonly groups: FunctionHandle<'i32'>;
  private readonly shape: ExecShape;
  private readonly columns: ExecColumns;
  private readonly from: Local<'i32'>; // from this row on groups are tried
  private readonly wait: Local<'i32'>;
  private readonly size: Local<'i32'>;
  private readonly stop: Local<'i32'>;
  private readonly next: Local<'i32'>;

  /** To be made in front of the loop. */
  constructor(
    f: FunctionWriter,
    place: LoopPlace,
    groups: FunctionHandle<'i32'>,
    shape: ExecShape,
    columns: ExecColumns,
  ) {
    this.f = f;
    this.place = place;
    this.groups = groups;
    this.shape = shape;
    this.columns = columns;
    this.from = f.local('i32');
    this.wait = f.local('i32', LEAST_WAIT);
    this.size = f.local('i32');
    this.stop = f.local('i32');
    this.next = f.local('i32');
    this.writeNoRecord();
  }

  /** The latest line is none to compare with. */
  writeNoRecord(): void {
    this.f.set(this.from, add(this.place.row, 1));
  }

  /** Behind a record that was taken alone: as many groups as there are. */
  write(): void {
    const { f, size, stop, next, from, wait } = this;
    const { at, end, row, rows, line, lastAt, q, cpu, cpl, cpus } = this.place;
    const { notes } = this.columns;
    f.when(geU(row, from), () => {
      f.set(size, sub(at, lastAt));
      f.set(from, add(row, MOST_WAIT));
      f.set(next, sub(at, q));
      // Else there are bytes between the last two vectors, which nobody compares.
      f.when(ltU(next, offsetsOf(this.shape).flagsAt + 32), () => {
        f.store32(notes + NOTES.tail, sub(next, 16));
        f.store32(notes + NOTES.cpus, cpus);
        f.set(stop, add(q, mul(size, add(and(sub(rows, row), -GROUP), 1))));
        f.set(next, sub(end, add(mul(size, GROUP), REACH_BYTES)));
        f.set(stop, select(ltU(next, stop), next, stop));
        f.set(next, call(this.groups, q, at, stop, row, line, size, cpu, cpl));
        f.set(wait, select(gtU(next, row), i32(LEAST_WAIT), wait));
        f.set(from, add(next, wait));
        f.when(
          gtU(next, row),
          () => this.writeTaken(),
          () => {
            f.set(wait, select(ltU(wait, MOST_WAIT), shl(wait, 1), wait));
          },
        );
      });
    });
  }

  private writeTaken(): void {
    const { f, size, next } = this;
    const { at, row, line, lastAt, lastCpu, cpus, execLine } = this.place;
    f.bump(line, sub(next, row));
    f.bump(at, mul(sub(next, row), size));
    f.set(row, next);
    f.set(lastAt, sub(at, size));
    f.set(execLine, sub(line, 1));
    f.set(lastCpu, load16(shl(sub(row, 1), 1), this.columns.cpu));
    f.set(cpus, load32(this.columns.notes + NOTES.cpus));
  }
}
