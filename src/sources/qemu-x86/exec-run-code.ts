/**
 * The loop over records of `-d exec` without dumps, as WebAssembly: lines in, rows of the batch out.
 *
 * All records of one QEMU have the same shape (exec.ts), so the function is emitted for a shape, with every offset a
 * constant. A line of another shape, or of another kind than these, ends the loop in front of it:
 *
 *   Trace 0: 0x7fbe626513c0 [0000000000000000/ffffffff81363fa0/0040c2b0/ff000200] name
 *          ^q  D digits      C digits         P digits         flags    ^ tail: anything up to the newline
 *   Linking TBs 0x7fe088000240 index 1 -> 0x7fe088000400            (counted only)
 *
 * What a record says of its CS base and flags mostly repeats, so these are compared with the last ones and looked at only
 * when they differ; the pc is decoded from 16 bytes at once. Where whole lines repeat but for the digits, four are taken at
 * once (exec-run-group.ts). Per row it writes pc, cpu, cpl and, if asked for, line; what all rows of a run have in common
 * is filled in behind it (exec-run.ts). Of the latest RING_ROWS rows it notes where their lines are, since the lines behind
 * may take them back.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import {
  add,
  addF64,
  and,
  call,
  ctz,
  defineFunction,
  eq,
  type FunctionHandle,
  type FunctionWriter,
  geU,
  gtU,
  type I32,
  type I64,
  i8x16,
  i16x8,
  i32,
  i64x2,
  isZero,
  type Local,
  leU,
  load8,
  load16,
  load32,
  load64,
  loadF64,
  ltU,
  mul,
  ne,
  openWasm,
  or,
  select,
  shl,
  shrU,
  sub,
  toF64,
  type V128,
  v128,
  xor,
} from '../../base/wasm-build.ts';
import { type WasmLabel, WasmModule } from '../../base/wasm-encode.ts';
import { defineGroups, ExecGroups } from './exec-run-group.ts';
import {
  type ExecColumns,
  NOTES,
  REACH_BYTES,
  RING_ENTRY,
  RING_ROWS,
  VectorConstants,
} from './exec-run-notes.ts';
import { type ExecShape, offsetsOf, SLASH, TRACE_BYTES } from './exec-run-shape.ts';

export interface ExecLoop {
  /** From the line at `at`, until `row` is `rows` or a line is not regular; where it stopped. */
  run(at: number, end: number, row: number, rows: number, line: number): number;
}

const LF = 0x0a;
/** A bit per CPU must do. */
export const MAX_CPU = 31;
/** Longer names and lines are left to the careful way. */
const MAX_REST_BYTES = 4096;

/** Up to 8 characters as they stand in memory, little endian. */
function word(text: string): bigint {
  return [...text].reduceRight((bits, char) => (bits << 8n) | BigInt(char.charCodeAt(0)), 0n);
}
const half = (text: string): number => Number(word(text)) | 0;

/** For each byte how far it is above 0 and above a, as digits begin there. */
function setDistances(f: FunctionWriter, { fromZero, fromA, constants }: Variables, bytes: V128): void {
  f.set(fromA, bytes);
  f.set(fromZero, i8x16.sub(fromA, constants.splat(0x30)));
  f.set(fromA, i8x16.sub(fromA, constants.splat(0x61)));
}

/** Not 0 in bytes that are no lower-case hexadecimal digits, of which setDistances was told. */
const notHex = ({ fromZero, fromA, constants }: Variables): V128 =>
  i8x16.minU(i8x16.subSatU(fromZero, constants.splat(9)), i8x16.subSatU(fromA, constants.splat(5)));

/** Sixteen digits, of which setDistances was told, to 64 bits, the first the most significant. */
function fromHex(f: FunctionWriter, { fromZero, fromA, text, constants }: Variables): I64 {
  // Of the two distances the one that is meant is the smaller: the other one wraps around or is 0x31 and more.
  f.set(text, i8x16.minU(fromZero, i8x16.add(fromA, constants.splat(10))));
  // Pairs of digits in 16-bit lanes, the first in the low byte: first << 4 | second, of which the low bytes count.
  f.set(text, v128.or(i16x8.shl(text, 4), i16x8.shrU(text, 8)));
  const lanes = [14, 12, 10, 8, 6, 4, 2, 0, 14, 12, 10, 8, 6, 4, 2, 0];
  return i64x2.extract(i8x16.swizzle(text, constants.of(lanes)), 0);
}

/** The variables of the loop. */
function localsOf(f: FunctionWriter, notes: number, constants: VectorConstants) {
  return {
    constants,
    begin: f.local('i64'), // the first eight bytes of the line
    q: f.local('i32'),
    cpu: f.local('i32'),
    cpl: f.local('i32'),
    length: f.local('i32'), // of `Trace` and the number
    next: f.local('i32'), // the line's newline
    mask: f.local('i32'),
    rest: f.local('i32'), // of the last line: bytes from the tail to its newline
    text: f.local('v128'),
    fromZero: f.local('v128'),
    fromA: f.local('v128'),
    same: f.local('i64'), // the last record's beginning, CS base and flags, with what stands around them
    sameCs: f.local('v128'),
    samePlace: f.local('v128'),
    sameFlags: f.local('v128'),
    firstLine: f.local('f64', loadF64(notes + NOTES.firstLine)),
    lastCpu: f.local('i32', load32(notes + NOTES.lastCpu)),
    cpus: f.local('i32', load32(notes + NOTES.cpus)),
    execLine: f.local('i32', load32(notes + NOTES.execLine)),
    lastAt: f.local('i32', load32(notes + NOTES.lastAt)),
  };
}
type Variables = ReturnType<typeof localsOf>;
type Place = Readonly<Record<'at' | 'end' | 'row' | 'line', Local<'i32'>>>;

/** The function for a shape, or undefined where the engine has no vectors. */
export function openExecLoop(
  memory: LinearMemory,
  shape: ExecShape,
  columns: ExecColumns,
): ExecLoop | undefined {
  const module = new WasmModule();
  const newline = defineFunction(
    module,
    { name: 'newline', takes: { at: 'i32', end: 'i32' }, gives: 'i32' },
    writeNewline,
  );
  const { notes } = columns;
  const constants = new VectorConstants(columns.constants);
  const groupsOf = defineGroups(module, shape, columns, constants);
  const takes = { at: 'i32', end: 'i32', row: 'i32', rows: 'i32', line: 'i32' } as const;
  defineFunction(module, { name: 'run', takes, gives: 'i32' }, (f, p) => {
    const { at, end, row, rows, line } = p;
    const limit = f.local('i32', sub(end, REACH_BYTES));
    const v = localsOf(f, notes, constants);
    const groups = new ExecGroups(f, { ...p, ...v }, groupsOf, shape, columns);
    f.block((stop) => {
      f.loop((again) => {
        f.goIf(stop, geU(row, rows));
        f.goIf(stop, gtU(at, limit));
        f.set(v.begin, load64(at));
        f.when(ne(v.begin, v.same), () => {
          f.when(eq(v.begin, word('Linking ')), () => {
            writeLink(f, v, p, notes, newline, stop);
            groups.writeNoRecord();
            f.go(again);
          });
          writeCpu(f, v, at, stop);
          f.set(v.same, v.begin);
        });
        f.set(v.q, add(at, v.length));
        writeCheck(f, v, shape, stop);
        writeRest(f, v, end, shape, newline, stop);
        writeRow(f, v, p, shape, columns);
        writeStep(f, v, p);
        groups.write();
        f.go(again);
      });
    });
    const { lastCpu, cpus, execLine, lastAt } = v;
    const results = { row, line, lastCpu, cpus, execLine, lastAt };
    for (const [name, local] of Object.entries(results)) {
      f.store32(notes + NOTES[name as keyof typeof results], local);
    }
    f.give(at);
  });
  constants.write(memory);
  return openWasm<ExecLoop>(module, memory.memory);
}

/** Count a line that is no record. */
function writeLink(
  f: FunctionWriter,
  v: Variables,
  p: Place,
  notes: number,
  newline: FunctionHandle<'i32'>,
  stop: WasmLabel,
): void {
  f.goIf(stop, ne(load64(p.at, 6), word('g TBs 0x')));
  f.set(v.next, call(newline, add(p.at, 14), p.end));
  f.goIf(stop, isZero(v.next));
  increase(f, notes + NOTES.links, 1);
  increase(f, notes + NOTES.linkBytes, add(sub(v.next, p.at), 1));
  writeStep(f, v, p);
}

/** To the next line. */
function writeStep(f: FunctionWriter, { lastAt, next }: Variables, { at, line }: Place): void {
  f.set(lastAt, at);
  f.bump(line, 1);
  f.set(at, add(next, 1));
}

const increase = (f: FunctionWriter, address: number, by: I32 | number): void =>
  f.store32(address, add(load32(address), by));

/** The newline from `at` on, not far away; 0 when there is none in front of `end`. */
function writeNewline(f: FunctionWriter, p: { readonly at: Local<'i32'>; readonly end: Local<'i32'> }): void {
  const { at, end } = p;
  const mask = f.local('i32');
  const stop = f.local('i32', add(at, MAX_REST_BYTES));
  f.repeatWhile(
    () => and(ltU(at, end), ltU(at, stop)),
    () => {
      f.set(mask, i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(LF))));
      f.when(mask, () => {
        f.bump(at, ctz(mask));
        f.give(select(ltU(at, end), at, i32(0)));
      });
      f.bump(at, 16);
    },
  );
  f.give(0);
}

/**
 * Everything up to the flags must be as it should. The beginning, and what stands in front of the pc and behind it, mostly
 * repeat what the last record had there, which was good: then that is all there is to see.
 */
function writeCheck(f: FunctionWriter, v: Variables, shape: ExecShape, stop: WasmLabel): void {
  const { q, sameCs, samePlace, sameFlags, text } = v;
  const { csAt, pcAt, flagsAt, flagsEnd } = offsetsOf(shape);
  const beforeCs = v128.load(q, csAt - 2); // ` [` and the first 14 digits
  const beforePc = v128.load(q, pcAt - 16); // the rest of 16, and the slash
  const aroundFlags = v128.load(q, flagsAt - 1);
  const differences = [
    v.constants.firstOf(2 + shape.csDigits, v128.xor(beforeCs, sameCs)),
    v.constants.lastOf(shape.csDigits + 1, v128.xor(beforePc, samePlace)),
    v.constants.firstOf(flagsEnd - flagsAt + 2, v128.xor(aroundFlags, sameFlags)),
  ];
  f.when(v128.anyTrue(differences.reduce((a, b) => v128.or(a, b))), () => {
    writeFields(f, v, shape, stop);
    f.set(sameCs, beforeCs);
    f.set(samePlace, beforePc);
    f.set(sameFlags, aroundFlags);
  });
  f.goIf(stop, ne(load32(q), half(': 0x')));
  setDistances(f, v, v128.load(q, 4));
  f.set(text, v.constants.firstOf(shape.pointerDigits, notHex(v)));
  setDistances(f, v, v128.load(q, pcAt));
  f.goIf(stop, v128.anyTrue(v128.or(text, v.constants.firstOf(shape.pcDigits, notHex(v)))));
}

/** The CPU's number, of one or two digits. */
function writeCpu(f: FunctionWriter, v: Variables, at: Local<'i32'>, stop: WasmLabel): void {
  const { begin, cpu, length, next } = v;
  f.goIf(stop, ne(and(begin, 0xffff_ffff_ffffn), word('Trace ')));
  f.set(cpu, sub(load8(at, TRACE_BYTES), 48));
  f.goIf(stop, gtU(cpu, 9));
  f.set(length, TRACE_BYTES + 1);
  f.set(next, sub(load8(at, TRACE_BYTES + 1), 48));
  f.when(leU(next, 9), () => {
    f.set(cpu, add(mul(cpu, 10), next));
    f.goIf(stop, gtU(cpu, MAX_CPU));
    f.bump(length, 1);
  });
}

/** Separators, CS base and flags, byte by byte; the privilege level. */
function writeFields(f: FunctionWriter, v: Variables, shape: ExecShape, stop: WasmLabel): void {
  const { q, cpl, next } = v;
  const { csAt, pcAt, flagsAt, flagsEnd } = offsetsOf(shape);
  const separators = [
    xor(load16(q, csAt - 2), half(' [')),
    xor(load8(q, pcAt - 1), SLASH),
    xor(load8(q, flagsAt - 1), SLASH),
    xor(load8(q, flagsEnd), shape.closing),
  ];
  if (shape.flagsPrefix > 0) separators.push(xor(load16(q, flagsAt), half('0x')));
  f.goIf(
    stop,
    separators.reduce((a, b) => or(a, b)),
  );
  const fields = [
    { from: csAt, digits: shape.csDigits },
    { from: flagsAt + shape.flagsPrefix, digits: shape.flagsDigits },
  ];
  for (const { from, digits } of fields) {
    setDistances(f, v, v128.load(q, from));
    f.goIf(stop, v128.anyTrue(v.constants.firstOf(digits, notHex(v))));
  }
  f.set(next, load8(q, flagsEnd - 1));
  f.set(cpl, and(add(next, shrU(next, 6)), 3)); // of a letter the low bits count from 1, for 10
}

/** Find the newline. It mostly is as far away as the last one, and then the next line's place waits for no load. */
function writeRest(
  f: FunctionWriter,
  { q, next, mask, rest, constants }: Variables,
  end: Local<'i32'>,
  shape: ExecShape,
  newline: FunctionHandle<'i32'>,
  stop: WasmLabel,
): void {
  const { tailAt } = offsetsOf(shape);
  f.set(mask, i8x16.bitmask(i8x16.eq(v128.load(q, tailAt), constants.splat(LF))));
  f.when(
    isZero(mask),
    () => {
      f.set(next, call(newline, add(q, tailAt + 16), end));
      f.goIf(stop, isZero(next));
    },
    () => {
      f.when(ne(ctz(mask), rest), () => f.set(rest, ctz(mask)));
      f.set(next, add(add(q, rest), tailAt));
    },
  );
}

function writeRow(
  f: FunctionWriter,
  v: Variables,
  { at, row, line }: Place,
  { pcDigits }: ExecShape,
  columns: ExecColumns,
): void {
  const pc = fromHex(f, v);
  f.store64(shl(row, 3), pcDigits < 16 ? shrU(pc, BigInt(64 - 4 * pcDigits)) : pc, columns.pc);
  f.store16(shl(row, 1), v.cpu, columns.cpu);
  if (columns.cpl !== 0) f.store8(row, v.cpl, columns.cpl);
  if (columns.line !== 0) f.storeF64(shl(row, 3), addF64(v.firstLine, toF64(line)), columns.line);
  const entry = v.mask;
  f.set(entry, shl(and(row, RING_ROWS - 1), 4));
  f.store32(entry, at, columns.notes + NOTES.ring + 4 * RING_ENTRY.at);
  f.store32(entry, line, columns.notes + NOTES.ring + 4 * RING_ENTRY.line);
  f.set(v.lastCpu, v.cpu);
  f.set(v.cpus, or(v.cpus, shl(1, v.cpu)));
  f.set(v.execLine, line);
  f.bump(row, 1);
}
