/**
 * run(frame): take as many regular pieces of the log as come one behind the other, in WebAssembly.
 *
 * A piece is regular when it is
 *   - a check_exception line of an exception that came alone,
 *   - a servicing line with the record that it marks at once behind it,
 *   - a line of -trace that is no event, or
 *   - a header in the usual form with its tail, and a dump of a known layout that agrees with it (fast-path.ts `jump`), of a
 *     CPU whose task register is known.
 * Everything else stops the run in front of it, with nothing of it taken: `jump` and the walk then decide, and what
 * they find is what run would find next time. So run has no result of its own; it is the fast half of `jump`, and
 * each check here is one there.
 *
 * Text is compared where it need not be decoded: IP with the dump's RIP, SP with its RSP, the task register with those
 * of records before. Every digit is checked all the same.
 *
 * The parts: run-context.ts (what all share), run-lines.ts, run-header.ts, run-dump.ts, run-rows.ts.
 */
import {
  add,
  and,
  defineFunction,
  eq,
  i8x16,
  isZero,
  load8,
  load32,
  ltU,
  ne,
  or,
  shrU,
  v128,
} from '../../base/wasm-build.ts';
import { type WasmLabel, WasmModule } from '../../base/wasm-encode.ts';
import { EVENT_FLAGS } from '../../machine/event-batch.ts';
import type { SourceNeeds } from '../../machine/needs.ts';
import { nibbles, notDigits } from '../hex-code.ts';
import { LAYOUT_RECORD } from './layout-record.ts';
import { defineMatch } from './match-code.ts';
import { codes, RunContext } from './run-context.ts';
import { DumpCode } from './run-dump.ts';
import { type FrameWord, STOPS } from './run-frame.ts';
import { type Fields, HEADER_FIELDS, HeaderCode } from './run-header.ts';
import { LineCode } from './run-lines.ts';
import { RowCode } from './run-rows.ts';

/** The module for a program's needs; `needs.registerColumns` are those that the batch has. */
export function runModule(needs: SourceNeeds): WasmModule {
  const module = new WasmModule();
  const match = defineMatch(module);
  let run: RunContext | undefined;
  defineFunction(module, { name: 'run', takes: { frame: 'i32' }, gives: 'i32' }, (f, { frame }) => {
    run = new RunContext(f, frame, needs, match);
    new RunCode(run).write();
  });
  defineFunction(module, { name: 'prepare', takes: { frame: 'i32' }, gives: undefined }, (f, { frame }) => {
    run?.writeConstants(f, frame);
  });
  return module;
}

/** What the module depends on: programs with the same name have the same. */
export function runName(needs: SourceNeeds): string {
  const asked = NAMED_NEEDS.filter((need) => needs[need]);
  return ['run', ...asked, ...needs.registerColumns].join('-');
}

const NAMED_NEEDS = [
  ...(['cpl', 'errcode', 'pc', 'sp', 'faddr'] as const),
  ...(['time', 'line', 'registers'] as const),
] as const;

/** Words of the frame that the loop changes or needs for every record: in locals from the beginning on. */
const KEPT: readonly FrameWord[] = [
  ...(['at', 'end', 'row', 'capacity', 'mark', 'latestText'] as const),
  ...(['clock', 'latestCpu', 'checks', 'checkBytes', 'servicings', 'traced', 'tracedBytes'] as const),
  'eventBytes',
];

const HIGH_HALVES = new Array<number>(16).fill(0xf0);
/** The first eight lanes. */
const FLAGS_DIGITS = new Array<number>(8).fill(0xff);

class RunCode {
  private readonly run: RunContext;
  private readonly lines: LineCode;
  private readonly headers: HeaderCode;
  private readonly dumps: DumpCode;
  private readonly rows: RowCode;

  constructor(run: RunContext) {
    this.run = run;
    this.lines = new LineCode(run);
    this.headers = new HeaderCode(run);
    this.dumps = new DumpCode(run);
    this.rows = new RowCode(run);
  }

  write(): void {
    const { f } = this.run;
    for (const field of KEPT) this.run.word(field);
    const { stop } = this.run;
    f.block((leave) => {
      f.loop((again) => {
        const isFull = isZero(ltU(this.run.word('row'), this.run.word('capacity')));
        const isOver = isZero(ltU(this.run.word('at'), this.run.word('end')));
        f.goIf(leave, or(isFull, isOver));
        f.set(stop, STOPS.line);
        this.record(leave);
        f.set(stop, STOPS.regular);
        f.go(again);
      });
    });
    this.lines.giveServicingBack();
    this.run.giveBack();
    f.give(stop);
  }

  /** One piece; to `leave` when it is none. */
  private record(leave: WasmLabel): void {
    const { f, text } = this.run;
    const at = this.run.word('at');
    const fields = this.newFields();
    f.block((done) => {
      f.set(text, v128.load(at));
      f.block((numbered) => {
        f.when(this.headers.isNext(), () => {
          this.headers.takeNext(fields);
          f.go(numbered);
        });
        const byte = f.local('i32', load8(at));
        f.when(eq(byte, codes('c')[0]!), () => {
          this.lines.checkLine(leave);
          f.go(done);
        });
        f.when(eq(byte, codes('S')[0]!), () => {
          this.lines.servicingLine(leave);
          f.go(done);
        });
        const length = f.local('i32', this.run.digitsOf(text));
        f.when(eq(load8(add(at, length)), codes('@')[0]!), () => {
          this.lines.tracedLine(leave, length);
          f.go(done);
        });
        this.headers.number(leave, fields);
      });
      this.header(leave, fields);
    });
  }

  private newFields(): Fields {
    const { f } = this.run;
    return {
      ...{ seq: f.local('i64'), ip: f.local('i64'), pc: f.local('i64'), sp: f.local('i64') },
      ...{ faddr: f.local('i64'), cause: f.local('i32'), dump: f.local('i32') },
      ...{ cpl: f.local('i32'), layout: f.local('i32') },
    };
  }

  /** A record, from behind its number to behind its dump. */
  private header(leave: WasmLabel, fields: Fields): void {
    const { f } = this.run;
    this.run.loadKept();
    f.set(this.run.bad, v128.bytes([]));
    f.set(this.run.differs, v128.bytes([]));
    f.set(fields.cpl, HEADER_FIELDS.cpl(f, fields));
    const isWide = f.local('i32', this.headers.isWide(fields));
    f.when(
      isWide,
      () => this.headers.place(16, leave, fields),
      () => this.headers.place(8, leave, fields),
    );
    this.dumps.findLayout(leave, fields);
    const isWideDump = f.local('i32', load32(fields.layout, LAYOUT_RECORD.isWide));
    f.when(
      isWideDump,
      () => {
        f.goIf(leave, isZero(isWide));
        this.dumps.agreeWide(fields);
      },
      () => {
        f.when(
          isWide,
          () => this.dumps.agreeNarrow(16, leave, fields),
          () => this.dumps.agreeNarrow(8, leave, fields),
        );
      },
    );
    this.dumpFacts(leave, fields);
  }

  /** CPL, flags and task register of the dump; then the record is taken. */
  private dumpFacts(leave: WasmLabel, fields: Fields): void {
    const { f, bad, text, differs, constant, atHand } = this.run;
    const { dump, layout, cpl } = fields;
    f.goIf(leave, ne(load8(add(dump, load32(layout, LAYOUT_RECORD.cpl))), add(cpl, 0x30)));
    f.set(text, v128.load(add(dump, load32(layout, LAYOUT_RECORD.flags))));
    const digits = f.local('v128', v128.and(nibbles(text, atHand), constant(FLAGS_DIGITS)));
    const notHex = notDigits(bad, atHand);
    f.goIf(leave, v128.anyTrue(v128.or(v128.or(differs, v128.and(digits, atHand(HIGH_HALVES))), notHex)));
    const flags = f.local('i32', EVENT_FLAGS.IF_KNOWN);
    // Bit 9 is bit 1 of the third digit from the right.
    f.set(flags, or(flags, and(shrU(i8x16.extract(digits, 5), 1), EVENT_FLAGS.IF)));
    this.rows.checkMark(leave, fields);
    const known = this.run.word('latestText');
    this.dumps.taskRegister(leave, add(dump, load32(layout, LAYOUT_RECORD.tr)), known);
    if (this.run.needs.registerColumns.length > 0) this.dumps.columns(flags, fields);
    this.rows.take(flags, known, fields);
  }
}
