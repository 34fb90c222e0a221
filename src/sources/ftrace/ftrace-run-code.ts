/**
 * run(state, last, limit): many lines of ftrace, one after the other, without TypeScript between them: those whose event, and
 * the shape of whose text, were met before. WebAssembly. It stops at the first line that is another.
 *
 *   line ─▶ header ─▶ name ─▶ EVENT ─▶ its tree of shapes ─▶ SHAPE: points that fire, and what else is to be done ─▶ row, note
 *
 * EVENT is a table by hash of the name; the next entry when one is taken. A call of the function tracer (`name <-parent`) has no
 * shape: its name has a pair of points. A note is what TypeScript has to do about a line afterwards, in order.
 */
import {
  add,
  addF64,
  and,
  call,
  defineFunction,
  eq,
  type FunctionHandle,
  type FunctionWriter,
  f64,
  geU,
  gtU,
  type I32,
  i32,
  isZero,
  type Local,
  leU,
  load8,
  load32,
  loadF64,
  ltU,
  mul,
  mulF64,
  ne,
  or,
  select,
  shl,
  sub,
  toF64,
} from '../../base/wasm-build.ts';
import { WasmModule } from '../../base/wasm-encode.ts';
import { EVENT_FLAGS } from '../../machine/event-batch.ts';
import { CHAR, DIGIT } from '../text-trace/bytes.ts';
import { overLines, type RowPlaces, RUN, RUN_TAKES, writeRow } from '../text-trace/row-code.ts';
import { defineMatch, NUMBER } from '../text-trace/shape-code.ts';
import { defineHeader, HEADER } from './header-code.ts';

/** `tree`: its first node; `pair`: 1 + that of calls of the function. 0 for none. */
export const EVENT = { hash: 0, name: 4, nameBytes: 8, tree: 12, pair: 16, bytes: 20 } as const;
export const MOST_EVENTS = 8192; // entries; at most half are taken
/** `first`, `second`: numbers of the line (of its shape) that the action is about. `table`: pairs + 1, by the first number. */
export const SHAPE = { pair: 0, action: 4, first: 8, second: 12, table: 16, size: 20, bytes: 24 } as const;
/** What a line does besides. */
export const ACTIONS = {
  none: 0,
  enter: 1,
  leave: 2,
  call: 3,
  result: 4,
  userFault: 5,
  kernelFault: 6,
} as const;
/** `a`, `b`: the vector and the CPU, or the thread and its call's number, or where the pc stands; `c`, `d`: where the address stands. */
export const NOTE = { action: 0, row: 4, a: 8, b: 12, c: 16, d: 20, time: 24, bytes: 32 } as const;
const USER_LEVEL = 3;
const MOST_ERRNO = 4095;
const [CODE_D, CODE_LITTLE_D, CODE_X] = [0x44, 0x64, 0x58];

export interface RunPlaces {
  /** Absent: only what does something is noted. */
  readonly rows: RowPlaces | undefined;
  readonly eventsAt: number;
  readonly shapesAt: number;
  readonly headerAt: number;
  readonly classesAt: number;
  readonly numbersAt: number;
  readonly powersAt: number; // f64, by digits of a fraction
  readonly notesAt: number;
  /** Deliveries and their returns are noted, and where faults were. */
  readonly notesDeliveries: boolean;
  readonly notesFaults: boolean;
}

type Place = Local<'i32'>;

export function runModule(places: RunPlaces): WasmModule {
  const module = new WasmModule();
  const header = defineHeader(module);
  const match = defineMatch(module);
  defineFunction(module, { name: 'run', takes: RUN_TAKES, gives: undefined }, (f, parts) => {
    overLines(f, parts, (line, leave) => {
      new Line(f, places, { state: parts.state, ...line, header, match }, leave).take();
    });
  });
  return module;
}

interface LineParts {
  readonly state: Place;
  readonly at: Place;
  readonly end: Place;
  readonly row: Place;
  readonly header: FunctionHandle<'i32'>;
  readonly match: FunctionHandle<'i32'>;
}

/** The code for one line. */
class Line {
  private readonly f: FunctionWriter;
  private readonly places: RunPlaces;
  private readonly parts: LineParts;
  private readonly giveUp: () => void; // the line is another
  private readonly pair: Place;
  private readonly errno: Place;
  private readonly level: Place;
  private readonly event: Place;
  private readonly body: Place;
  private readonly name: { readonly end: Place; readonly bytes: Place };

  constructor(f: FunctionWriter, places: RunPlaces, parts: LineParts, giveUp: () => void) {
    this.f = f;
    this.places = places;
    this.parts = parts;
    this.giveUp = giveUp;
    this.pair = f.local('i32');
    this.errno = f.local('i32');
    this.level = f.local('i32');
    this.event = f.local('i32');
    this.body = f.local('i32');
    this.name = { end: f.local('i32'), bytes: f.local('i32') };
  }

  take(): void {
    const { f, places, body, name, pair, errno, level } = this;
    const { at, end, header } = this.parts;
    f.set(body, call(header, at, end, places.classesAt, places.headerAt));
    this.unless(ne(body, -1));
    this.unless(isZero(and(load8(add(load8(body), places.classesAt)), DIGIT)));
    f.set(name.end, this.headerWord(HEADER.nameEnd));
    f.set(name.bytes, sub(name.end, body));
    this.unless(and(gtU(name.bytes, 0), ne(load8(body), CHAR.dot)));
    this.unless(ltU(name.end, end));
    this.findEvent();
    f.set(errno, 0);
    f.set(level, UNKNOWN);
    f.when(
      eq(load8(name.end), CHAR.colon),
      () => this.shaped(),
      () => this.call(),
    );
    this.unless(ne(pair, 0));
    this.row();
  }

  private headerWord(word: number): I32 {
    return load32(i32(this.places.headerAt), 4 * word);
  }

  private unless(condition: I32): void {
    this.f.when(isZero(condition), this.giveUp);
  }

  /** `event` is the entry of the name. */
  private findEvent(): void {
    const { f, event, body, name } = this;
    const { eventsAt } = this.places;
    const hash = f.local('i32', this.headerWord(HEADER.nameHash));
    const index = f.local('i32', and(hash, MOST_EVENTS - 1));
    const i = f.local('i32');
    f.block((found) => {
      f.loop((again) => {
        f.set(event, add(mul(index, EVENT.bytes), eventsAt));
        this.unless(load32(event, EVENT.name));
        f.block((differs) => {
          f.goIf(differs, ne(load32(event, EVENT.hash), hash));
          f.goIf(differs, ne(load32(event, EVENT.nameBytes), name.bytes));
          f.set(i, 0);
          f.repeatWhile(
            () => ltU(i, name.bytes),
            () => {
              f.goIf(differs, ne(load8(add(load32(event, EVENT.name), i)), load8(add(body, i))));
              f.bump(i, 1);
            },
          );
          f.go(found);
        });
        f.set(index, and(add(index, 1), MOST_EVENTS - 1));
        f.go(again);
      });
    });
  }

  /** `name <-parent`, without modules. */
  private call(): void {
    const { f, event, pair, name } = this;
    const { end } = this.parts;
    const at = f.local('i32', name.end);
    f.set(pair, load32(event, EVENT.pair));
    this.unless(gtU(end, add(at, 3)));
    this.unless(eq(load8(at), CHAR.space));
    this.unless(and(eq(load8(at, 1), CHAR.less), eq(load8(at, 2), CHAR.minus)));
    f.bump(at, 3);
    this.unless(ne(load8(at), CHAR.minus));
    f.repeatWhile(
      () => ltU(at, end),
      () => {
        this.unless(ne(load8(at), CHAR.space));
        f.bump(at, 1);
      },
    );
  }

  /** `name: text` */
  private shaped(): void {
    const { f, event, name, pair } = this;
    const { end, match } = this.parts;
    const { shapesAt, numbersAt } = this.places;
    const at = f.local('i32', add(name.end, 1));
    this.unless(or(geU(at, end), eq(load8(at), CHAR.space)));
    f.repeatWhile(
      () => and(ltU(at, end), eq(load8(at), CHAR.space)),
      () => f.bump(at, 1),
    );
    const shape = f.local('i32', call(match, load32(event, EVENT.tree), at, end, numbersAt));
    this.unless(ne(shape, -1));
    f.set(shape, add(mul(shape, SHAPE.bytes), shapesAt));
    f.set(pair, load32(shape, SHAPE.pair));
    const action = f.local('i32', load32(shape, SHAPE.action));
    f.when(ne(action, ACTIONS.none), () => this.act(shape, action));
  }

  private act(shape: Place, action: Place): void {
    const { f, pair, errno, level, places } = this;
    const first = f.local('i32', this.numberAt(load32(shape, SHAPE.first)));
    const second = f.local('i32', this.numberAt(load32(shape, SHAPE.second)));
    f.when(
      ltU(action, ACTIONS.userFault),
      () => {
        const index = f.local('i32', this.small(first, load32(shape, SHAPE.size)));
        f.set(pair, load32(add(shl(index, 2), load32(shape, SHAPE.table))));
        this.unless(pair);
        f.when(eq(action, ACTIONS.call), () => this.note(action, this.headerWord(HEADER.tid), index));
        f.when(eq(action, ACTIONS.result), () => f.set(errno, this.errnoAt(second)));
        if (places.notesDeliveries)
          f.when(leU(action, ACTIONS.leave), () => this.note(action, index, this.headerWord(HEADER.cpu)));
      },
      () => {
        f.set(level, select(eq(action, ACTIONS.userFault), i32(USER_LEVEL), i32(0)));
        if (!places.notesFaults) return;
        this.note(action, load32(first, NUMBER.from), load32(first, NUMBER.to), second);
      },
    );
  }

  private numberAt(number: I32): I32 {
    return add(mul(number, NUMBER.bytes), this.places.numbersAt);
  }

  /** A decimal below `size`. */
  private small(number: Place, size: I32): I32 {
    const { f } = this;
    const at = f.local('i32', load32(number, NUMBER.from));
    const end = f.local('i32', load32(number, NUMBER.to));
    const value = f.local('i32');
    this.unless(leU(sub(end, at), MOST_SMALL_DIGITS));
    this.digits(at, end, value);
    this.unless(ltU(value, size));
    return value;
  }

  private digits(at: Place, end: Place, value: Place): void {
    const { f } = this;
    const digit = f.local('i32');
    f.set(value, 0);
    f.repeatWhile(
      () => ltU(at, end),
      () => {
        f.set(digit, sub(load8(at), CHAR.zero));
        this.unless(ltU(digit, 10));
        f.set(value, add(mul(value, 10), digit));
        f.bump(at, 1);
      },
    );
  }

  /** The error that a result tells, 0 for none. A result is a decimal that a double can have. */
  private errnoAt(number: Place): I32 {
    const { f } = this;
    const at = f.local('i32', load32(number, NUMBER.from));
    const end = f.local('i32', load32(number, NUMBER.to));
    const value = f.local('i32');
    const isNegative = f.local('i32', eq(load8(at), CHAR.minus));
    f.bump(at, isNegative);
    this.unless(leU(sub(end, at), MOST_RESULT_DIGITS));
    const isLong = f.local('i32', gtU(sub(end, at), MOST_SMALL_DIGITS));
    this.digits(at, end, value); // of a long one it says only that it is one
    return select(and(and(isNegative, isZero(isLong)), leU(value, MOST_ERRNO)), value, i32(0));
  }

  private note(action: I32, a: I32, b: I32, second?: Place): void {
    const { f, places } = this;
    const { state, row } = this.parts;
    const count = load32(state, RUN.notes);
    const at = f.local('i32', add(mul(count, NOTE.bytes), places.notesAt));
    f.store32(at, action, NOTE.action);
    f.store32(at, row, NOTE.row);
    f.store32(at, a, NOTE.a);
    f.store32(at, b, NOTE.b);
    if (second) f.store32(at, load32(second, NUMBER.from), NOTE.c);
    if (second) f.store32(at, load32(second, NUMBER.to), NOTE.d);
    f.storeF64(at, this.time(), NOTE.time);
    f.store32(state, add(count, 1), RUN.notes);
  }

  private time() {
    const power = loadF64(add(shl(this.headerWord(HEADER.fractionDigits), 3), this.places.powersAt));
    const seconds = mulF64(toF64(this.headerWord(HEADER.seconds)), f64(1e9));
    return addF64(seconds, mulF64(toF64(this.headerWord(HEADER.fraction)), power));
  }

  private row(): void {
    const { f, places, pair, errno, level } = this;
    const { state, row, at, end } = this.parts;
    if (places.rows === undefined) {
      f.bump(row, 1);
      return;
    }
    const letter = f.local('i32', this.headerWord(HEADER.flags));
    const isOff = or(eq(letter, CODE_LITTLE_D), eq(letter, CODE_D));
    const { IF, IF_KNOWN } = EVENT_FLAGS;
    const known = select(isOff, i32(IF_KNOWN), i32(IF | IF_KNOWN));
    const flags = f.local('i32', select(eq(letter, CODE_X), i32(0), known));
    const number = f.local('i32', sub(pair, 1));
    const cpu = this.headerWord(HEADER.cpu);
    writeRow(f, places.rows, {
      ...{ state, row, pair: number, cpu, flags, level, time: this.time(), errno },
      ...{ line: at, lineEnd: end },
    });
  }
}

const UNKNOWN = 0xff;
const MOST_SMALL_DIGITS = 9;
const MOST_RESULT_DIGITS = 15;
