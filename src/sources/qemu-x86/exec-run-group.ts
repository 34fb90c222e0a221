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
 * The newline is among what is the same, so the lines are as long, too. Four lines of which one differs are taken one by
 * one, and then the next four are tried; the more often in vain, the later.
 */
import {
  add,
  addF64,
  and,
  type FunctionWriter,
  geU,
  gtU,
  type I32,
  i32,
  isZero,
  type Local,
  load8,
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
import type { WasmLabel } from '../../base/wasm-encode.ts';
import {
  type ExecColumns,
  NOTES,
  REACH_BYTES,
  RING_ENTRY,
  RING_ROWS,
  type VectorConstants,
} from './exec-run-notes.ts';
import { type ExecShape, offsetsOf } from './exec-run-shape.ts';
import { decode, NIBBLE_CONSTANTS, notDigits, pack, packed } from './hex-code.ts';

const GROUP = 4;
/** Lines taken one by one after four that were not alike; twice as many after the next time, up to the most. */
const LEAST_WAIT = 4;
const MOST_WAIT = 64;
/** No CPU has a greater number than 31, so behind a 3 are only 0 and 1. */
const LAST_TENS = 30;
/** Bits of digits that a CPU's number cannot end with. */
const NOT_UNITS = ~0x3ff;
const NOT_LAST_UNITS = ~3;
const DIGIT_0 = 0x30;
/** A line on, in an entry of the ring. */
const ONE_LINE = 1n << 32n;

/** Where the loop is, and what the line has left that it took last. */
export interface GroupPlace
  extends Readonly<
    Record<
      | 'at'
      | 'end'
      | 'row'
      | 'rows'
      | 'line'
      | 'lastAt'
      | 'q'
      | 'cpu'
      | 'cpl'
      | 'lastCpu'
      | 'cpus'
      | 'execLine',
      Local<'i32'>
    >
  > {
  readonly firstLine: Local<'f64'>;
}

const localsOf = (f: FunctionWriter) => ({
  from: f.local('i32'), // from this row on groups are tried
  wait: f.local('i32', LEAST_WAIT),
  size: f.local('i32'), // of a line
  limit: f.local('i32'), // of where a group begins
  tail: f.local('i32'), // where the last vector is, from the colon
  tens: f.local('i32'), // of the CPUs' numbers, times ten
  notUnits: f.local('i32'),
  bits: f.local('i32'), // of the last digits
  colons: Array.from({ length: GROUP }, () => f.local('i32')),
  units: Array.from({ length: GROUP }, () => f.local('i32')), // the numbers' last digits
  like: Array.from({ length: 5 }, () => f.local('v128')),
  bad: f.local('v128'),
  badPointer: f.local('v128'),
  badPc: f.local('v128'),
  text: f.local('v128'),
  digits: Array.from({ length: GROUP }, () => f.local('v128')), // of the pcs
  entry: f.local('i32'),
  note: f.local('i64'), // an entry of the ring: the place in the low half, the line in the high one
  step: f.local('i64'), // to the next one
});

export class ExecGroups {
  private readonly v: ReturnType<typeof localsOf>;
  private readonly atHand = new Map<number, Local<'v128'>>();
  private readonly f: FunctionWriter;
  private readonly place: GroupPlace;
  private readonly shape: ExecShape;
  private readonly columns: ExecColumns;
  private readonly constants: VectorConstants;

  /** To be made in front of the loop. */
  constructor(
    f: FunctionWriter,
    place: GroupPlace,
    shape: ExecShape,
    columns: ExecColumns,
    constants: VectorConstants,
  ) {
    this.f = f;
    this.place = place;
    this.shape = shape;
    this.columns = columns;
    this.constants = constants;
    this.v = localsOf(f);
    for (const byte of NIBBLE_CONSTANTS) this.atHand.set(byte, f.local('v128', constants.splat(byte)));
    this.writeNoRecord();
  }

  /** The latest line is none to compare with. */
  writeNoRecord(): void {
    this.f.set(this.v.from, add(this.place.row, 1));
  }

  /** Behind a record that was taken alone: as many fours as there are. */
  write(): void {
    const { f, v } = this;
    const { at, row, rows } = this.place;
    f.when(and(geU(row, v.from), isZero(and(row, GROUP - 1))), () => {
      f.block((leave) => {
        this.writePreparation(leave);
        f.block((differ) => {
          f.loop((again) => {
            f.goIf(leave, gtU(add(row, GROUP), rows));
            f.goIf(leave, gtU(at, v.limit));
            this.writeComparison(differ);
            this.writeDigits(differ);
            this.writeRows();
            f.set(v.wait, LEAST_WAIT);
            f.go(again);
          });
        });
        f.set(v.from, add(row, v.wait));
        f.set(v.wait, select(ltU(v.wait, MOST_WAIT), shl(v.wait, 1), v.wait));
      });
    });
  }

  /** What the latest line has where lines are compared. */
  private writePreparation(leave: WasmLabel): void {
    const { f, v } = this;
    const { at, end, row, lastAt, q, cpu } = this.place;
    const { flagsAt } = offsetsOf(this.shape);
    const flags = flagsAt - 1;
    f.set(v.size, sub(at, lastAt));
    f.set(v.tail, sub(sub(at, q), 16));
    f.set(v.from, add(row, MOST_WAIT));
    f.goIf(leave, gtU(add(v.tail, 16), flags + 32)); // there are bytes between the last two vectors
    f.set(v.tail, select(ltU(v.tail, flags), i32(flags), v.tail));
    f.set(v.from, row);
    f.set(v.limit, sub(end, add(shl(v.size, 2), REACH_BYTES)));
    f.set(v.step, or(toI64(v.size), ONE_LINE));
    f.set(v.tens, sub(cpu, sub(load8(sub(q, 1)), DIGIT_0)));
    f.set(v.notUnits, select(geU(v.tens, LAST_TENS), i32(NOT_LAST_UNITS), i32(NOT_UNITS)));
    for (const [i, { load }] of this.vectors().entries()) f.set(v.like[i]!, load(q));
  }

  /** The vectors of a line whose colon is at `q`, and what of them counts. */
  private vectors(): { readonly load: (q: Local<'i32'>) => V128; readonly counts: (bytes: V128) => V128 }[] {
    const { shape, constants, v } = this;
    const { csAt, pcAt, flagsAt, pointerAt } = offsetsOf(shape);
    const ahead = 8;
    const beginning = Array.from({ length: 16 }, (_, i) =>
      i === ahead - 1 || i >= ahead + pointerAt ? 0 : 0xff,
    );
    return [
      { load: (q) => v128.load(sub(q, ahead)), counts: (bytes) => v128.and(bytes, constants.of(beginning)) },
      {
        load: (q) => v128.load(q, csAt - 2),
        counts: (bytes) => constants.firstOf(2 + shape.csDigits, bytes),
      },
      {
        load: (q) => v128.load(q, pcAt - 16),
        counts: (bytes) => constants.lastOf(shape.csDigits + 1, bytes),
      },
      { load: (q) => v128.load(q, flagsAt - 1), counts: (bytes) => bytes },
      { load: (q) => v128.load(add(q, v.tail)), counts: (bytes) => bytes },
    ];
  }

  private writeComparison(differ: WasmLabel): void {
    const { f, v } = this;
    const { at, q, lastAt } = this.place;
    f.set(v.colons[0]!, add(at, sub(q, lastAt)));
    for (let i = 1; i < GROUP; i++) f.set(v.colons[i]!, add(v.colons[i - 1]!, v.size));
    const differences = this.vectors().map(({ load, counts }, i) => {
      const ofLines = v.colons.map((colon) => v128.xor(load(colon), v.like[i]!));
      return counts(ofLines.reduce((a, b) => v128.or(a, b)));
    });
    f.goIf(differ, v128.anyTrue(differences.reduce((a, b) => v128.or(a, b))));
  }

  /** All digits: of the CPUs, of the pointers and of the pcs. */
  private writeDigits(differ: WasmLabel): void {
    const { f, v, constants, shape } = this;
    const { pointerAt, pcAt } = offsetsOf(shape);
    for (const [i, unit] of v.units.entries()) f.set(unit, xor(load8(sub(v.colons[i]!, 1)), DIGIT_0));
    f.set(
      v.bits,
      v.units.map((unit): I32 => shl(1, unit)).reduce((a, b) => or(a, b)),
    );
    const allUnits = v.units.reduce<I32>((a, b) => or(a, b), i32(0));
    f.goIf(differ, or(and(v.bits, v.notUnits), and(allUnits, ~15)));
    const kept = (bytes: readonly number[]): V128 => this.atHand.get(bytes[0]!) ?? constants.of(bytes);
    const constant = (bytes: readonly number[]): V128 =>
      bytes.every((byte) => byte === bytes[0]) ? kept(bytes) : constants.of(bytes);
    const zero = v128.bytes([]);
    f.set(v.badPointer, zero);
    f.set(v.badPc, zero);
    for (const [i, colon] of v.colons.entries()) {
      f.set(v.text, v128.load(colon, pointerAt));
      decode(f, v.text, v.badPointer, v.bad, constant);
      f.set(v.text, v128.load(colon, pcAt));
      decode(f, v.text, v.badPc, v.digits[i]!, constant);
    }
    f.set(
      v.bad,
      v128.or(
        constants.firstOf(shape.pointerDigits, v.badPointer),
        constants.firstOf(shape.pcDigits, v.badPc),
      ),
    );
    f.goIf(differ, v128.anyTrue(notDigits(v.bad, constant)));
  }

  private writeRows(): void {
    const { f, v, columns } = this;
    const { at, row, line, lastAt, q, cpl, lastCpu, cpus, execLine, firstLine } = this.place;
    this.writePcs();
    for (const [i, unit] of v.units.entries()) {
      f.set(lastCpu, add(unit, v.tens));
      f.store16(shl(row, 1), lastCpu, columns.cpu + 2 * i);
    }
    f.set(cpus, or(cpus, shl(v.bits, v.tens)));
    if (columns.cpl !== 0) f.store32(row, mul(cpl, 0x01010101), columns.cpl);
    if (columns.line !== 0) {
      for (let i = 0; i < GROUP; i++) {
        f.storeF64(shl(row, 3), addF64(firstLine, toF64(add(line, i))), columns.line + 8 * i);
      }
    }
    f.set(v.entry, shl(and(row, RING_ROWS - 1), 4));
    f.set(v.note, or(toI64(at), shl(toI64(line), 32n)));
    for (let i = 0; i < GROUP; i++) {
      f.store64(v.entry, v.note, columns.notes + NOTES.ring + i * RING_ENTRY.bytes);
      if (i < GROUP - 1) f.set(v.note, add(v.note, v.step));
    }
    f.bump(row, GROUP);
    f.set(execLine, add(line, GROUP - 1));
    f.bump(line, GROUP);
    f.set(q, v.colons[GROUP - 1]!);
    f.set(lastAt, sub(v.colons[GROUP - 1]!, sub(v.colons[0]!, at)));
    f.set(at, add(lastAt, v.size));
  }

  private writePcs(): void {
    const { f, v, columns, shape, constants } = this;
    const at = shl(this.place.row, 3);
    for (let i = 0; i < GROUP; i += 2) {
      pack(f, v.digits[i]!, v.digits[i + 1]!, v.text, constants.of);
      const to = columns.pc + 8 * i;
      if (shape.pcDigits === 16) f.storeV128(at, v.text, to);
      else {
        for (const lane of [0, 1] as const) {
          const pc = shrU(packed(v.text, lane), BigInt(64 - 4 * shape.pcDigits));
          f.store64(at, pc, to + 8 * lane);
        }
      }
    }
  }
}
