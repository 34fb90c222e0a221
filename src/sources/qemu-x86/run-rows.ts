/** A record that has been checked, in WebAssembly: its marks, its CPU, its row of the batch. */
import {
  add,
  addF64,
  eq,
  type I32,
  type Local,
  load32,
  ltU,
  mul,
  ne,
  or,
  shl,
  sub,
  toF64,
  toI64,
} from '../../base/wasm-build.ts';
import type { WasmLabel } from '../../base/wasm-encode.ts';
import { EVENT_FLAGS, EVENT_KINDS } from '../../machine/event-batch.ts';
import { LAYOUT_RECORD } from './layout-record.ts';
import type { RunContext } from './run-context.ts';
import { CPU_OF_TEXT, FRAME, type FrameWord, KNOWN_TEXT, NO_MARK } from './run-frame.ts';
import { type Fields, HEADER_FIELDS } from './run-header.ts';

export class RowCode {
  private readonly run: RunContext;

  constructor(run: RunContext) {
    this.run = run;
  }

  /** To `leave` when there is a servicing line in front of the record, but not of it. */
  checkMark(leave: WasmLabel, fields: Fields): void {
    const { f } = this.run;
    const mark = this.run.word('mark');
    f.when(ne(mark, NO_MARK), () => {
      f.goIf(leave, or(ne(HEADER_FIELDS.vector(f, fields), mark), HEADER_FIELDS.soft(f, fields)));
    });
  }

  /** Everything has been checked: the mark, counts and the row. */
  take(flags: Local<'i32'>, known: Local<'i32'>, fields: Fields): void {
    const { f } = this.run;
    const vector = f.local('i32', HEADER_FIELDS.vector(f, fields));
    const soft = f.local('i32', HEADER_FIELDS.soft(f, fields));
    f.set(flags, or(flags, mul(soft, EVENT_FLAGS.SOFT)));
    const mark = this.run.word('mark');
    f.when(ne(mark, NO_MARK), () => {
      f.set(mark, NO_MARK);
      f.set(flags, or(flags, EVENT_FLAGS.HARDWARE | EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN));
    });
    const cpu = this.cpuOf(known);
    this.writeRow(flags, vector, cpu, fields);
    const next = f.local('i32', add(fields.dump, load32(fields.layout, LAYOUT_RECORD.sizeBytes)));
    const at = this.run.word('at');
    f.bump(this.run.word('eventBytes'), sub(next, at));
    f.set(at, next);
    f.bump(this.run.word('row'), 1);
    f.set(this.run.lastSeq, fields.seq);
    f.set(
      this.run.line,
      addF64(this.run.line, toF64(add(load32(fields.layout, LAYOUT_RECORD.lineCount), 1))),
    );
  }

  private cpuOf(known: Local<'i32'>): Local<'i32'> {
    const { f } = this.run;
    const cpu = f.local('i32', load32(known, KNOWN_TEXT.cpu));
    const clock = this.run.word('clock');
    f.when(
      ltU(cpu, 0x8000_0000 | 0),
      () => {
        f.bump(clock, 1);
        f.store32(add(load32(this.run.frame, FRAME.ticks), shl(cpu, 2)), clock);
        f.set(this.run.word('latestCpu'), cpu);
      },
      () => {
        f.when(eq(cpu, CPU_OF_TEXT.zeroBase), () => f.set(this.run.word('latestCpu'), 0));
        f.set(cpu, 0);
      },
    );
    return cpu;
  }

  private writeRow(flags: Local<'i32'>, vector: Local<'i32'>, cpu: Local<'i32'>, fields: Fields): void {
    const { f, needs, frame } = this.run;
    const row = this.run.word('row');
    const shifts = [row, shl(row, 1), shl(row, 2), shl(row, 3)];
    const cell = (column: FrameWord, shift: number): I32 => add(load32(frame, FRAME[column]), shifts[shift]!);
    f.store8(cell('kind', 0), EVENT_KINDS.vec);
    f.store8(cell('flags', 0), flags);
    f.store16(cell('cpu', 1), cpu);
    f.store16(cell('vector', 1), vector);
    f.store64(cell('seq', 3), fields.seq);
    if (needs.cpl) f.store8(cell('cpl', 0), fields.cpl);
    if (needs.errcode) f.store64(cell('errcode', 3), toI64(HEADER_FIELDS.errcode(f, fields)));
    if (needs.pc) f.store64(cell('pc', 3), fields.pc);
    if (needs.sp) f.store64(cell('sp', 3), fields.sp);
    if (needs.faddr) f.store64(cell('faddr', 3), fields.faddr);
    if (needs.time) f.storeF64(cell('time', 3), this.run.timeNs);
    if (needs.line) f.storeF64(cell('line', 3), this.run.line);
    if (!needs.registers) return;
    f.store32(cell('text', 2), fields.dump);
    f.store32(cell('heads', 2), this.run.word('at'));
    f.store32(cell('dumpEnds', 2), add(fields.dump, load32(fields.layout, LAYOUT_RECORD.sizeBytes)));
    f.store32(cell('layoutIds', 2), load32(fields.layout, LAYOUT_RECORD.id));
  }
}
