/** The dump behind a header, in WebAssembly: its layout, whether it agrees, its task register and the registers' columns. */
import {
  add,
  and,
  call,
  eq,
  type FunctionWriter,
  type I32,
  type I64,
  isZero,
  type Local,
  leU,
  load8,
  load32,
  load64,
  ne,
  or,
  shl,
  shrU,
  sub,
  toI64,
  type V128,
  v128,
  xor,
} from '../../base/wasm-build.ts';
import type { WasmLabel } from '../../base/wasm-encode.ts';
import { EVENT_FLAGS } from '../../machine/event-batch.ts';
import { REGISTERS } from '../../machine/registers.ts';
import { nibbles, pack, packed } from '../hex-code.ts';
import { COLUMN, COLUMN_BYTES, GUARD, GUARD_BYTES, LAYOUT_RECORD } from './layout-record.ts';
import { matchLines } from './match-code.ts';
import { type RunContext, wordOf } from './run-context.ts';
import { FRAME, FRAME_COLUMNS, KNOWN_TEXT, KNOWN_TEXT_BYTES, STOPS, TR_BASE_AT } from './run-frame.ts';
import { type Fields, FORMS, HEADER_FIELDS, type Width } from './run-header.ts';

const LF = 0x0a;
/** The registers that the header gives in full width, as registers.ts takes them from there. */
function headerRegister(f: FunctionWriter, id: number, fields: Fields): I64 | undefined {
  if (id === REGISTERS.rip.id) return fields.ip;
  if (id === REGISTERS.rsp.id) return fields.sp;
  if (id === REGISTERS.cs.id) return toI64(HEADER_FIELDS.cs(f, fields));
  if (id === REGISTERS.ss.id) return toI64(HEADER_FIELDS.ss(f, fields));
  return undefined;
}

export class DumpCode {
  private readonly run: RunContext;

  constructor(run: RunContext) {
    this.run = run;
  }

  /** The layout of the dump at `fields.dump`: the one that fitted last at this privilege level, or any. */
  findLayout(leave: WasmLabel, { cpl, layout, dump }: Fields): void {
    const { f, frame } = this.run;
    const recent = f.local('i32', add(frame, shl(cpl, 2)));
    f.block((found) => {
      f.set(layout, load32(recent, FRAME.recent0));
      f.when(ne(layout, 0), () => this.goIfFits(found, layout, dump, () => matchLines(f, dump, layout)));
      const list = f.local('i32', load32(frame, FRAME.layoutList));
      const before = f.local('i32', 0);
      f.set(layout, load32(list));
      f.block((other) => {
        f.loop((again) => {
          f.goIf(leave, isZero(layout));
          this.goIfFits(other, layout, dump, () => call(this.run.match, dump, layout));
          f.set(before, layout);
          f.set(layout, load32(layout, LAYOUT_RECORD.next));
          f.go(again);
        });
      });
      // To the front: what has come is likely to come again.
      f.goIf(found, isZero(before));
      f.store32(before, load32(layout, LAYOUT_RECORD.next), LAYOUT_RECORD.next);
      f.store32(layout, load32(list), LAYOUT_RECORD.next);
      f.store32(list, layout);
    });
    f.store32(recent, layout, FRAME.recent0);
  }

  private goIfFits(found: WasmLabel, layout: Local<'i32'>, dump: Local<'i32'>, fits: () => I32): void {
    const { f } = this.run;
    const stop = f.local('i32', add(dump, load32(layout, LAYOUT_RECORD.sizeBytes)));
    const last = add(dump, load32(layout, LAYOUT_RECORD.lastStart));
    // Shapes differ in length: where another ends there is no EFER.
    const ends = and(eq(load32(last), wordOf('EFER')), leU(stop, this.run.word('end')));
    f.when(and(ends, eq(load8(sub(stop, 1)), LF)), () => f.goIf(found, fits()));
  }

  agreeWide({ cause, dump, layout }: Fields): void {
    const { f, differs } = this.run;
    const field = (name: 'rip' | 'sp'): V128 => v128.load(add(dump, load32(layout, LAYOUT_RECORD[name])));
    const ip = v128.xor(v128.load(cause, FORMS[16].ip), field('rip'));
    const sp = v128.xor(v128.load(cause, FORMS[16].sp), field('sp'));
    f.set(differs, v128.or(differs, v128.or(ip, sp)));
  }

  /** A 32-bit dump shows the low halves only. */
  agreeNarrow(width: Width, leave: WasmLabel, { cause, dump, layout }: Fields): void {
    const { f } = this.run;
    const form = FORMS[width];
    const field = (name: 'rip' | 'sp'): I64 => load64(add(dump, load32(layout, LAYOUT_RECORD[name])));
    const ip = xor(load64(cause, form.ip + width - 8), field('rip'));
    const sp = xor(load64(cause, form.sp + width - 8), field('sp'));
    f.goIf(leave, ne(or(ip, sp), 0n));
  }

  /** Leaves the known text of the task register whose selector is at `tr` in `known`. */
  taskRegister(leave: WasmLabel, tr: I32, known: Local<'i32'>): void {
    const { f } = this.run;
    const place = f.local('i32', tr);
    const [selector, base] = [
      f.local('v128', v128.load(place)),
      f.local('v128', v128.load(place, TR_BASE_AT)),
    ];
    const differs = (): I32 =>
      v128.anyTrue(
        v128.or(
          v128.xor(selector, v128.load(known, KNOWN_TEXT.selector)),
          v128.xor(base, v128.load(known, KNOWN_TEXT.base)),
        ),
      );
    f.when(differs(), () => {
      f.set(known, load32(this.run.frame, FRAME.knownTexts));
      f.block((found) => {
        f.loop((again) => {
          f.when(eq(known, load32(this.run.frame, FRAME.knownStop)), () => {
            f.set(known, load32(this.run.frame, FRAME.knownTexts)); // some known text, to begin with next time
            f.set(this.run.stop, STOPS.task);
            f.go(leave);
          });
          f.goIf(found, isZero(differs()));
          f.bump(known, KNOWN_TEXT_BYTES);
          f.go(again);
        });
      });
    });
  }

  /** The registers' columns: filled when every one of them can be. */
  columns(flags: Local<'i32'>, fields: Fields): void {
    const { f, frame, needs } = this.run;
    const table = f.local('i32', load32(fields.layout, LAYOUT_RECORD.columns));
    const value = f.local('i64');
    f.block((none) => {
      needs.registerColumns.forEach((id, i) => {
        const headerValue = headerRegister(f, id, fields);
        if (headerValue !== undefined) f.set(value, headerValue);
        else this.dumpRegister(none, add(table, i * COLUMN_BYTES), fields.dump, value);
        f.store64(add(load32(frame, FRAME_COLUMNS + 4 * i), shl(this.run.word('row'), 3)), value);
      });
      f.set(flags, or(flags, EVENT_FLAGS.COLUMNS));
    });
  }

  /** A register as its line shows it, when the line up to it has the form of the layout's sample. */
  private dumpRegister(none: WasmLabel, entry: I32, dump: Local<'i32'>, value: Local<'i64'>): void {
    const { f, text } = this.run;
    const place = f.local('i32', entry);
    const left = f.local('i32', load32(place, COLUMN.vectors));
    f.goIf(none, isZero(left));
    const p = f.local('i32', add(dump, load32(place, COLUMN.guardAt)));
    const guard = f.local('i32', add(place, COLUMN.guards));
    const differs = f.local('v128', v128.bytes([]));
    f.loop((again) => {
      f.set(text, v128.load(p));
      const fixed = v128.xor(v128.and(text, v128.load(guard, GUARD.fixed)), v128.load(guard, GUARD.wanted));
      const digits = v128.and(nibbles(text, this.run.atHand), v128.load(guard, GUARD.digits));
      f.set(differs, v128.or(differs, v128.or(fixed, digits)));
      f.bump(p, 16);
      f.bump(guard, GUARD_BYTES);
      f.set(left, sub(left, 1));
      f.goIf(again, left);
    });
    f.goIf(none, v128.anyTrue(differs));
    const digits = f.local('v128');
    f.set(text, v128.load(add(dump, load32(place, COLUMN.field))));
    // Behind a short field there is no digit: its nibble must not reach over to the field's last.
    f.set(digits, v128.and(nibbles(text, this.run.atHand), this.run.splat(15)));
    pack(f, digits, digits, digits, this.run.constant);
    f.set(value, shrU(packed(digits, 0), load64(place, COLUMN.shift)));
  }
}
