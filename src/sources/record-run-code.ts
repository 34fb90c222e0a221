/** What the loops of record-run.ts share, in WebAssembly: the frame of the loop, and what every row has. */
import {
  add,
  addF64,
  and,
  defineFunction,
  eq,
  type FunctionWriter,
  geU,
  gtU,
  type Local,
  load8,
  load64,
  loadF64,
  openWasm,
  select,
  shl,
  sub,
  toF64,
  toI64,
} from '../base/wasm-build.ts';
import { WasmModule } from '../base/wasm-encode.ts';
import { EVENT_KINDS, UNKNOWN_LEVEL } from '../machine/event-batch.ts';
import {
  GUEST_ERROR_BYTE,
  type LoopPlace,
  NOTES,
  RECORD_BYTES,
  type RecordLoop,
  RING,
  RING_ROWS,
} from './record-run.ts';
import { isByte, TextCode } from './text-code.ts';

const READ_BYTE = 0x72; // r

/** The loop's variables, of which the code of a record sets the second half. */
export interface RowCode {
  readonly row: Local<'i32'>;
  readonly rowBy8: Local<'i32'>;
  readonly lines: Local<'i32'>;
  readonly isDelivery: Local<'i32'>; // 1 or 0
  readonly cpu: Local<'i32'>; // of the latest event
}

/** Write the code that checks a record and writes its row: all columns but the number, the line and the CPU. */
export type RecordCode = (text: TextCode, place: RowCode) => void;

/** The loop over records. `declare` makes the locals of a record's code. */
export function openRecordLoop(
  place: LoopPlace,
  declare: (f: FunctionWriter) => RecordCode,
): RecordLoop | undefined {
  const { memory, batch, needs, notes } = place;
  const module = new WasmModule();
  const takes = { at: 'i32', end: 'i32', row: 'i32', rows: 'i32', cpu: 'i32' } as const;
  defineFunction(module, { name: 'run', takes, gives: undefined }, (f, p) => {
    const { at, end, row, rows, cpu } = p;
    const limit = f.local('i32', sub(end, RECORD_BYTES));
    const cursor = f.local('i32');
    const line = f.local('i32');
    const deliveries = f.local('i32');
    const maxCpu = f.local('i32', cpu);
    const ring = f.local('i32');
    const firstLine = f.local('f64', loadF64(notes + NOTES.firstLine));
    const firstSeq = f.local('i64', load64(notes + NOTES.firstSeq));
    const seq = f.local('i64');
    const [rowBy8, lines, isDelivery] = [f.local('i32'), f.local('i32'), f.local('i32')];
    const own: RowCode = { row, rowBy8, lines, isDelivery, cpu };
    const code = declare(f);
    f.block((stop) => {
      const text = new TextCode(f, cursor, stop);
      f.loop((again) => {
        f.goIf(stop, geU(row, rows));
        f.goIf(stop, gtU(at, limit));
        f.set(cursor, at);
        f.set(rowBy8, shl(row, 3));
        f.when(
          eq(load8(at), GUEST_ERROR_BYTE),
          () => writeGuestError(f, text, place, own),
          () => code(text, own),
        );
        f.set(ring, shl(and(row, RING_ROWS - 1), RING.shift));
        f.store32(ring, at, notes + NOTES.ring + RING.at);
        f.store32(ring, line, notes + NOTES.ring + RING.line);
        f.store32(ring, deliveries, notes + NOTES.ring + RING.deliveries);
        f.bump(deliveries, isDelivery);
        f.set(seq, add(firstSeq, toI64(deliveries)));
        f.store64(rowBy8, seq, batch.at.seq);
        f.store16(shl(row, 1), cpu, batch.at.cpu);
        if (needs.line) f.storeF64(rowBy8, addF64(firstLine, toF64(line)), batch.at.line);
        f.set(maxCpu, select(gtU(cpu, maxCpu), cpu, maxCpu));
        f.bump(line, lines);
        f.bump(row, 1);
        f.set(at, cursor);
        f.go(again);
      });
    });
    f.store32(notes + NOTES.row, row);
    f.store32(notes + NOTES.maxCpu, maxCpu);
    f.give();
  });
  return openWasm<RecordLoop>(module, memory.memory);
}

/** `Invalid read at addr 0x7000000, …`, which all targets log alike. */
function writeGuestError(f: FunctionWriter, text: TextCode, { batch, needs }: LoopPlace, own: RowCode): void {
  const { at } = batch;
  const { row, rowBy8 } = own;
  text.word('Invalid ');
  text.settle();
  f.when(
    eq(text.byte(), READ_BYTE),
    () => text.only('read at addr 0x'),
    () => text.only('write at addr 0x'),
  );
  const address = text.hex();
  f.store64(rowBy8, address.whole, at.faddr);
  text.word(',');
  text.until((bytes) => isByte(bytes, '\n'));
  text.only('\n');
  f.store8(row, EVENT_KINDS.guest_error, at.kind);
  f.store8(row, 0, at.flags);
  f.store8(row, UNKNOWN_LEVEL, at.cpl);
  f.store16(shl(row, 1), 0, at.vector);
  f.store64(rowBy8, 0n, at.pc);
  if (needs.errcode || needs.registers) f.store64(rowBy8, 0n, at.errcode);
  f.set(own.lines, 1);
  f.set(own.isDelivery, 0);
}
