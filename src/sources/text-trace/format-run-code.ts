/**
 * run(state, last, limit): many lines of a format, one after the other, without TypeScript between them: those whose shape was
 * met before, and whose number is the next one. WebAssembly. It stops at the first line that is another.
 *
 *   line ─▶ tree of shapes ─▶ LINE_SHAPE: the point, and which of the line's numbers are D's own ─▶ row, what is remembered
 */
import {
  add,
  addF64,
  call,
  defineFunction,
  eq,
  type F64,
  type FunctionHandle,
  type FunctionWriter,
  f64,
  geU,
  type I32,
  i32,
  isZero,
  type Local,
  load8,
  load32,
  loadF64,
  longToF64,
  ltU,
  mul,
  mulF64,
  ne,
  neF64,
  select,
  shrU,
  sub,
  toI32,
  truncate,
  xor,
} from '../../base/wasm-build.ts';
import { WasmModule } from '../../base/wasm-encode.ts';
import { HASH_PRIME, HASH_SEED } from './bytes.ts';
import { OTHER_SEED, REMEMBERED_NOTE } from './remembered.ts';
import { overLines, type RowPlaces, RUN, RUN_TAKES, writeRow } from './row-code.ts';
import { defineMatch, NUMBER } from './shape-code.ts';

/** `pair` of points + 1, 0 when lines of the shape are taken one by one; numbers of the line, NO_NUMBER for none. */
export const LINE_SHAPE = {
  ...{ pair: 0, point: 4, cpu: 8, seq: 12, time: 16, pid: 20, tid: 24, pc: 28, address: 32, bytes: 36 },
} as const;
export const NO_NUMBER = -1;
/** Where a row's pc and address stand. */
export const PLACE_NOTE = { row: 0, pc: 4, pcEnd: 8, address: 12, addressEnd: 16, bytes: 20 } as const;
const MOST_CPUS = 1 << 16;

export interface FormatRunPlaces {
  /** Absent: no rows are made, nor is anything remembered. */
  readonly rows: RowPlaces | undefined;
  readonly shapesAt: number;
  readonly numbersAt: number;
  readonly notesAt: number;
  readonly isSequence: boolean;
  readonly hasTime: boolean;
  readonly notesPlaces: boolean;
}

type Place = Local<'i32'>;

export function formatRunModule(places: FormatRunPlaces): WasmModule {
  const module = new WasmModule();
  const match = defineMatch(module);
  const likeness = defineLikeness(module);
  defineFunction(module, { name: 'run', takes: RUN_TAKES, gives: undefined }, (f, parts) => {
    overLines(f, parts, ({ at, end, row }, leave) => {
      const { state } = parts;
      const shape = f.local('i32', call(match, load32(state, RUN.tree), at, end, places.numbersAt));
      f.when(eq(shape, -1), leave);
      f.set(shape, add(mul(shape, LINE_SHAPE.bytes), places.shapesAt));
      f.when(isZero(load32(shape, LINE_SHAPE.pair)), leave);
      if (places.rows) {
        const line = new ShapedLine(f, places, { state, at, end, row, shape }, leave);
        line.write(places.rows, likeness);
      } else f.bump(row, 1);
    });
  });
  return module;
}

interface LineParts {
  readonly state: Place;
  readonly at: Place;
  readonly end: Place;
  readonly row: Place;
  readonly shape: Place;
}

/** The code for one line whose shape is known. */
class ShapedLine {
  private readonly f: FunctionWriter;
  private readonly places: FormatRunPlaces;
  private readonly parts: LineParts;
  private readonly giveUp: () => void; // the line is to be taken by itself

  constructor(f: FunctionWriter, places: FormatRunPlaces, parts: LineParts, giveUp: () => void) {
    this.f = f;
    this.places = places;
    this.parts = parts;
    this.giveUp = giveUp;
  }

  write(rows: RowPlaces, likeness: FunctionHandle<'i32'>): void {
    const { f, places } = this;
    const { state, at, end, row, shape } = this.parts;
    const cpu = f.local('i32', toI32(this.whole('cpu', 0)));
    f.when(geU(cpu, MOST_CPUS), this.giveUp);
    const [pid, tid] = [f.local('i64', this.whole('pid', -1)), f.local('i64', this.whole('tid', -1))];
    const hasTid = ne(load32(shape, LINE_SHAPE.tid), NO_NUMBER);
    const thread = f.local('i32', toI32(select(hasTid, tid, pid)));
    const time = places.hasTime
      ? f.local('f64', mulF64(longToF64(this.whole('time', 0)), loadF64(state, RUN.unit)))
      : loadF64(state, RUN.origin);
    const pc = this.place('pc');
    const address = this.place('address');
    if (places.isSequence) {
      const seq = f.local('i64', this.whole('seq', 0));
      const number = f.local('f64', longToF64(seq));
      f.when(neF64(number, loadF64(state, RUN.next)), this.giveUp);
      f.storeF64(state, addF64(number, f64(1)), RUN.next);
      f.store64(state, seq, RUN.seq);
      this.remember(number, likeness, [
        cpu,
        load32(shape, LINE_SHAPE.point),
        toI32(pid),
        thread,
        ...[pc.from, pc.to, address.from, address.to],
      ]);
    }
    if (places.notesPlaces) this.note(pc, address);
    writeRow(f, rows, {
      ...{ state, row, pair: f.local('i32', sub(load32(shape, LINE_SHAPE.pair), 1)), cpu },
      ...{ flags: i32(0), time, line: at, lineEnd: end },
    });
  }

  /** A number that is D's own, `absent` when lines have none. Only decimals that a double can have are taken here. */
  private whole(role: 'cpu' | 'seq' | 'time' | 'pid' | 'tid', absent: number) {
    const { f } = this;
    const { shape } = this.parts;
    const value = f.local('f64', f64(absent));
    f.when(ne(load32(shape, LINE_SHAPE[role]), NO_NUMBER), () => {
      f.set(value, loadF64(this.numberAt(load32(shape, LINE_SHAPE[role])), NUMBER.value));
      f.when(eq(truncate(value), -1n), this.giveUp);
    });
    return truncate(value);
  }

  private numberAt(number: I32): I32 {
    return add(mul(number, NUMBER.bytes), this.places.numbersAt);
  }

  /** Where a number stands; both 0 when lines have none. */
  private place(role: 'pc' | 'address'): { readonly from: Place; readonly to: Place } {
    const { f } = this;
    const { shape } = this.parts;
    const from = f.local('i32', 0);
    const to = f.local('i32', 0);
    f.when(ne(load32(shape, LINE_SHAPE[role]), NO_NUMBER), () => {
      f.set(from, load32(this.numberAt(load32(shape, LINE_SHAPE[role])), NUMBER.from));
      f.set(to, load32(this.numberAt(load32(shape, LINE_SHAPE[role])), NUMBER.to));
    });
    return { from, to };
  }

  private remember(seq: F64, likeness: FunctionHandle<'i32'>, what: readonly I32[]): void {
    const { f } = this;
    const { state } = this.parts;
    const note = f.local('i32', load32(state, RUN.remembered));
    f.storeF64(note, seq, REMEMBERED_NOTE.seq);
    f.store32(note, what[0]!, REMEMBERED_NOTE.cpu);
    f.store32(note, call(likeness, HASH_SEED, ...what), REMEMBERED_NOTE.one);
    f.store32(note, call(likeness, OTHER_SEED, ...what), REMEMBERED_NOTE.two);
    f.store32(state, add(note, REMEMBERED_NOTE.bytes), RUN.remembered);
  }

  private note(
    pc: { readonly from: Place; readonly to: Place },
    address: { readonly from: Place; readonly to: Place },
  ): void {
    const { f, places } = this;
    const { state, row } = this.parts;
    const at = f.local('i32', add(mul(load32(state, RUN.notes), PLACE_NOTE.bytes), places.notesAt));
    f.store32(at, row, PLACE_NOTE.row);
    f.store32(at, pc.from, PLACE_NOTE.pc);
    f.store32(at, pc.to, PLACE_NOTE.pcEnd);
    f.store32(at, address.from, PLACE_NOTE.address);
    f.store32(at, address.to, PLACE_NOTE.addressEnd);
    f.store32(state, add(load32(state, RUN.notes), 1), RUN.notes);
  }
}

/** As `likeness` of remembered.ts. Texts that are absent end at 0. */
function defineLikeness(module: WasmModule): FunctionHandle<'i32'> {
  const who = { cpu: 'i32', point: 'i32', pid: 'i32', tid: 'i32' } as const;
  const where = { pc: 'i32', pcEnd: 'i32', address: 'i32', addressEnd: 'i32' } as const;
  const takes = { hash: 'i32', ...who, ...where } as const;
  return defineFunction(module, { name: 'likeness', takes, gives: 'i32' }, (f, parts) => {
    const { hash, cpu, point, pid, tid, pc, pcEnd, address, addressEnd } = parts;
    const mix = (value: I32): void =>
      f.set(hash, mul(xor(mul(xor(hash, value), HASH_PRIME), shrU(value, 16)), HASH_PRIME));
    const text = (at: Place, end: Place): void => {
      mix(select(end, i32(2), i32(1)));
      f.repeatWhile(
        () => ltU(at, end),
        () => {
          f.set(hash, mul(xor(hash, load8(at)), HASH_PRIME));
          f.bump(at, 1);
        },
      );
    };
    for (const value of [cpu, point, pid, tid]) mix(value);
    text(pc, pcEnd);
    text(address, addressEnd);
    f.give(hash);
  });
}
