/**
 * The consumer: records → text. Front page of the room.
 *
 *   record ──▶ row prefix ──▶ the steps of its plan ──▶ newline                rows.ts, record-plan.ts, number-text.ts
 *                        ├──▶ what is rarer than integers and strings          printf.ts, trace-value.ts
 *                        ├──▶ rows of those alone, by the million              row-code.ts
 *                        └──▶ library actions, done on the spot                printa, trunc, clear, setopt, exit …
 *   fault, drop ──▶ a message line                                             messages.ts
 *   end ──▶ a newline, then every aggregation that no printa() printed         aggregation-print.ts
 *
 * In: records as the engine drains them, with their ECB. Out: bytes in big chunks to `out`, message lines to `err`.
 * Library actions act synchronously where their record stands, so `printa` shows exactly the values up to that event.
 * Nothing here runs in probe context: the consumer may allocate, but a record costs no object per value.
 */
import { assertNever } from '../base/assert.ts';
import type { LinearMemory } from '../base/linear-memory.ts';
import type {
  AggregationStore,
  Disassembler,
  EcbInfo,
  FaultInfo,
  RecordSink,
  Symbolizer,
} from '../dif/consumer-contract.ts';
import type { DropKind } from '../dif/drops.ts';
import type { Options } from '../dif/options.ts';
import type { PrintfFormat } from '../dif/printf-format.ts';
import type {
  Action,
  Aggregation,
  FormattedValue,
  Program,
  RecordedValue,
  RecordField,
} from '../dif/program.ts';
import { type AggregationWorld, printAll, printFormatted, printUnformatted } from './aggregation-print.ts';
import { rankedEntries } from './aggregation-table.ts';
import { writeCode, writeRegisters } from './inspect.ts';
import { dropText, faultText, libraryErrorText } from './messages.ts';
import { writeNumberAt } from './number-text.ts';
import { writeTree } from './print-tree.ts';
import { writeConversion } from './printf.ts';
import { layoutOf } from './printf-layout.ts';
import { planOf, type RecordPlan, rowPieces, STEP, type Step } from './record-plan.ts';
import { RowCode, RowMemory } from './row-code.ts';
import { Rows } from './rows.ts';
import { Settings } from './settings.ts';
import { TextBuffer } from './text-buffer.ts';
import { dumpBytes, writeTraced } from './trace-value.ts';
import { type Field, fieldInteger, type Integer, readInteger } from './values.ts';

export interface ByteSink {
  /** The bytes are valid until the call returns. */
  write(bytes: Uint8Array): void;
  /** ftruncate(): empties it, if it is a regular file. */
  truncate?(): void;
}

export interface ConsumerConfig {
  readonly out: ByteSink;
  /** Whole message lines, prefixed and newline-terminated. */
  readonly err: (text: string) => void;
  readonly options: Options; // read at every record: setopt() changes them
  readonly programs: readonly Program[]; // whose aggregations are printed at the end
  readonly aggregations: AggregationStore;
  readonly symbols?: Symbolizer | undefined;
  /** For disasm(). */
  readonly disassembler?: Disassembler | undefined;
  readonly variableName: (id: number) => string | undefined;
  /** system(): runs the command and waits; its output goes to the file of freopen(), or where the tracer's does. */
  readonly runShell?: (command: string, reopened: ByteSink | undefined) => void;
  /** Whether `out` is a terminal that knows UTF-8, where -x aggpack draws blocks. */
  readonly showsUtf8?: () => boolean;
  /** freopen(): opens for appending; a string says why not. */
  readonly openFile?: (path: string) => ByteSink | string;
}

export interface Consumer extends RecordSink {
  drained(): void;
  /** The user interrupted: a newline parts what was printed, and the terminal's ^C, from what END prints. */
  interrupted(): void;
  /** The end of tracing: a newline, the aggregations not printed yet, and everything still buffered. */
  finish(): void;
  /** Write out what is buffered; called when a drain is over. */
  flush(): void;
  /** Status of the last exit() met. */
  readonly exitStatus: number | undefined;
}

const PREFIX = 'trapline: ';
/** Output leaves in pieces of about this size: large enough that writing costs little beside formatting. */
const CHUNK_BYTES = 1 << 16;
/** Columns of a row's prefix, where data begins. */
const DATA_COLUMN = 44;
const NEWLINE = 0x0a;
const BLANK = 0x20;
/** What setopt() with one argument sets. */
const SETOPT_DEFAULT = '1';

/** Made when it is first asked for: Node compiles what it takes. */
let decoder: InstanceType<typeof TextDecoder> | undefined;

function decoded(bytes: Uint8Array): string {
  decoder ??= new TextDecoder();
  return decoder.decode(bytes);
}

export function createConsumer(config: ConsumerConfig): Consumer {
  return new RecordConsumer(config);
}

class RecordConsumer implements Consumer {
  exitStatus: number | undefined;
  private readonly config: ConsumerConfig;
  private readonly out = new TextBuffer();
  private readonly settings: Settings;
  private readonly rows: Rows;
  private readonly plans: (RecordPlan | undefined)[] = []; // by EPID
  /** Has rows that come next in the output. */
  private waiting: RowCode | undefined;
  private rowPlace: RowMemory | undefined;
  private readonly printed = new Set<Aggregation>();
  private readonly world: AggregationWorld;
  private sink: ByteSink;
  private field: Field | undefined; // reused for every value
  // The record at hand.
  private payload = 0;
  private argument = 0;

  constructor(config: ConsumerConfig) {
    this.config = config;
    this.sink = config.out;
    this.settings = new Settings(config.options, config.symbols);
    this.rows = new Rows(this.out, this.settings);
    this.world = {
      out: this.out,
      store: config.aggregations,
      options: config.options,
      symbols: config.symbols,
      showsUtf8: () => this.sink === config.out && config.showsUtf8?.() === true,
      rowMemory: (memory) => this.rowMemory(memory),
      rowDone: () => this.spill(),
    };
  }

  record(
    ecb: EcbInfo,
    cpu: number,
    timeAt: number,
    memory: LinearMemory,
    payloadOffset: number,
    committed = false,
  ): void {
    this.settings.refresh();
    const plan = this.planFor(ecb);
    if (--plan.patience < 0 && this.isBare && this.addRow(plan, memory, payloadOffset)) return;
    if (tookNothing(plan, memory, payloadOffset)) return;
    this.writeWaiting();
    this.payload = payloadOffset;
    this.rows.begin(ecb, cpu, this.rows.needsTime ? memory.i64[timeAt >>> 3]! : 0n);
    const { taken, actions } = plan;
    for (let i = 0; i < actions.length; i++) {
      const { index, steps } = actions[i]!;
      const isTaken = taken === undefined || isBitSet(memory, payloadOffset + taken, index);
      if (isTaken) for (let s = 0; s < steps.length; s++) this.step(ecb, steps[s]!, memory);
    }
    this.rows.end();
    if (committed) this.rows.end(); // an empty line sets committed records apart
    this.spill();
  }

  drained(): void {
    this.writeWaiting();
  }

  fault(fault: FaultInfo): void {
    this.complain(faultText(fault, this.config.variableName));
  }

  drop(kind: DropKind, cpu: number, count: number): void {
    this.complain(dropText(kind, cpu, count, this.config.options.flag('droptags')));
  }

  interrupted(): void {
    this.writeWaiting();
    this.rows.settle();
    this.out.byte(NEWLINE);
  }

  finish(): void {
    this.writeWaiting();
    this.rows.settle();
    this.out.byte(NEWLINE);
    // Programs of one session share aggregations of the same name.
    const aggregations = new Set(this.config.programs.flatMap((program) => program.aggregations));
    printAll(
      this.world,
      [...aggregations].filter((aggregation) => !this.printed.has(aggregation)),
    );
    this.flush();
  }

  flush(): void {
    this.writeWaiting();
    this.rows.settle();
    if (this.out.length === 0) return;
    const chunk = this.out.since(0);
    this.out.length = 0; // first, since writing may throw when the reader is gone
    this.sink.write(chunk);
  }

  /** Whether rows are what their records print, and no more. */
  private get isBare(): boolean {
    const { quiet, flowindent } = this.settings;
    return quiet && !flowindent && this.rows.finalLength === this.out.length;
  }

  /** Whether the record is a row that waits to be written along with others. */
  private addRow(plan: RecordPlan, memory: LinearMemory, payload: number): boolean {
    plan.code ??= this.codeOf(plan, memory);
    const { code } = plan;
    if (code === 'none') return false;
    if (this.waiting !== code || code.isFull) this.writeWaiting();
    this.waiting = code;
    code.add(payload);
    return true;
  }

  private codeOf(plan: RecordPlan, memory: LinearMemory): RowCode | 'none' {
    const pieces = rowPieces(plan);
    const place = pieces && this.rowMemory(memory);
    return (place && RowCode.of(place, pieces)) ?? 'none';
  }

  /** Undefined when there is no memory left. */
  private rowMemory(memory: LinearMemory): RowMemory | undefined {
    this.rowPlace ??= RowMemory.of(memory);
    return this.rowPlace;
  }

  private writeWaiting(): void {
    const { waiting } = this;
    if (waiting === undefined) return;
    this.waiting = undefined; // first, since writing may throw
    waiting.flush(this.out);
    this.spill();
  }

  /** Write out a full chunk, but no return row whose prefix depends on the next record. */
  private spill(): void {
    if (this.out.length >= CHUNK_BYTES && this.rows.finalLength === this.out.length) this.flush();
  }

  /** Messages come after the output that precedes them. */
  private complain(text: string): void {
    this.flush();
    this.config.err(`${PREFIX}${text}\n`);
  }

  private planFor(ecb: EcbInfo): RecordPlan {
    const known = this.plans[ecb.epid];
    if (known?.ecb === ecb) return known;
    const plan = planOf(ecb);
    this.plans[ecb.epid] = plan;
    return plan;
  }

  private step(ecb: EcbInfo, step: Step, memory: LinearMemory): void {
    const { out, payload } = this;
    switch (step.kind) {
      case STEP.literal:
        out.raw(step.bytes!);
        return;
      case STEP.number:
        writeNumberAt(out, step.form!, memory, payload + step.offset);
        return;
      case STEP.string: {
        const { width, left } = step.layout!;
        out.string(memory.u8, payload + step.offset, step.limit, width, left);
        return;
      }
      case STEP.column: {
        const { quiet } = this.settings;
        if (!quiet) out.byte(BLANK);
        writeNumberAt(out, quiet ? step.quietForm! : step.form!, memory, payload + step.offset);
        return;
      }
      case STEP.convert: {
        const field = this.located(step.field!, memory, ecb);
        writeConversion(out, step.conversion!, step.layout!, field, this.config.symbols);
        return;
      }
      case STEP.trace:
        writeTraced(out, this.located(step.field!, memory, ecb), this.settings.style);
        return;
      case STEP.perform:
        this.perform(ecb, step.action!, memory);
        return;
      default:
        assertNever(step.kind, 'consumer');
    }
  }

  /** An action that is more than a few bytes of text. */
  private perform(ecb: EcbInfo, action: Action, memory: LinearMemory): void {
    switch (action.kind) {
      case 'print':
        this.print(ecb, action, memory);
        return;
      case 'tracemem':
        this.tracemem(ecb, action.value, action.size, memory);
        return;
      case 'registers':
        writeRegisters(
          this.out,
          this.located(action.field, memory, ecb),
          this.config.symbols,
          this.config.options.number('stackindent'),
        );
        return;
      case 'disasm':
        writeCode(
          this.out,
          this.located(action.value.field, memory, ecb),
          action.count,
          this.config,
          this.config.options.number('stackindent'),
        );
        return;
      case 'stack':
      case 'ustack':
      case 'jstack':
        writeTraced(this.out, this.located(action.field, memory, ecb), this.settings.style);
        return;
      case 'printf':
        this.format(ecb, action.format, action.values, memory);
        return;
      case 'exit':
        this.exitStatus = Number(this.integer(ecb, action.value, memory));
        return;
      case 'system':
        this.system(ecb, this.formatted(ecb, action.format, action.values, memory));
        return;
      case 'freopen':
        this.freopen(ecb, this.formatted(ecb, action.format, action.values, memory));
        return;
      case 'ftruncate':
        this.flush();
        this.sink.truncate?.();
        return;
      case 'setopt':
        this.setopt(ecb, action.name, action.value);
        return;
      case 'printa':
        this.printa(ecb, action.format, action.aggregations);
        return;
      case 'clear':
        this.config.aggregations.clear(aggregationOf(ecb, action.aggregation));
        return;
      case 'denormalize':
        this.config.aggregations.normalize(aggregationOf(ecb, action.aggregation), 1n);
        return;
      case 'normalize':
        this.normalize(ecb, action.aggregation, action.value, memory);
        return;
      case 'trunc':
        this.trunc(ecb, action.aggregation, action.value, memory);
        return;
      default:
        return; // done by the engine when the clause ran
    }
  }

  /** The place of a recorded value, in the one field that all values share. */
  private located({ shape, offset, sizeBytes }: RecordField, memory: LinearMemory, ecb: EcbInfo): Field {
    this.field ??= { memory, shape, offset: 0, sizeBytes: 0 };
    const { field } = this;
    field.memory = memory;
    field.shape = shape;
    field.offset = this.payload + offset;
    // A string's room includes its NUL, and what rounds it up.
    field.sizeBytes = shape.kind === 'string' ? Math.min(sizeBytes, ecb.program.strsize) : sizeBytes;
    return field;
  }

  private integer(ecb: EcbInfo, value: FormattedValue, memory: LinearMemory): Integer {
    return fieldInteger(this.located(value.field, memory, ecb), value.field.shape.signed);
  }

  private format(
    ecb: EcbInfo,
    { pieces }: PrintfFormat,
    values: readonly FormattedValue[],
    memory: LinearMemory,
  ): void {
    const { out } = this;
    this.argument = 0;
    const next = () => {
      const value = values[this.argument++];
      return value ? this.integer(ecb, value, memory) : 0;
    };
    for (const piece of pieces) {
      if (piece.kind === 'literal') {
        out.raw(piece.bytes);
        continue;
      }
      const layout = layoutOf(piece, next);
      const value = values[this.argument++];
      if (value)
        writeConversion(out, piece, layout, this.located(value.field, memory, ecb), this.config.symbols);
    }
  }

  /** A format's text as a string, for actions that do something with it. */
  private formatted(
    ecb: EcbInfo,
    format: PrintfFormat,
    values: readonly FormattedValue[],
    memory: LinearMemory,
  ): string {
    const mark = this.out.length;
    this.format(ecb, format, values, memory);
    const text = decoded(this.out.since(mark));
    this.out.length = mark;
    return text;
  }

  private print(ecb: EcbInfo, action: Extract<Action, { kind: 'print' }>, memory: LinearMemory): void {
    const { options, symbols } = this.config;
    const field = this.located(action.value.field, memory, ecb);
    if (options.isExplicit('printsize')) {
      field.sizeBytes = Math.min(field.sizeBytes, options.number('printsize'));
    }
    const { pointer } = action;
    writeTree(this.out, field, {
      pointer:
        pointer === undefined ? undefined : BigInt(readInteger(memory, this.payload + pointer, 8, false)),
      indent: options.flag('quiet') ? 0 : DATA_COLUMN,
      stackIndent: options.number('stackindent'),
      strsize: ecb.program.strsize,
      symbols,
    });
  }

  /** A size out of range means all that was recorded. */
  private tracemem(
    ecb: EcbInfo,
    value: RecordedValue,
    size: RecordedValue | undefined,
    memory: LinearMemory,
  ): void {
    const recorded = value.field.sizeBytes;
    const wanted = size ? Number(this.integer(ecb, size, memory)) : recorded;
    const shown = wanted < 0 || wanted > recorded ? recorded : wanted;
    dumpBytes(this.out, memory, this.payload + value.field.offset, shown);
  }

  private printa(ecb: EcbInfo, format: PrintfFormat | undefined, numbers: readonly number[]): void {
    const aggregations = numbers.map((number) => aggregationOf(ecb, number));
    // What had nothing to show was not printed: what it counts from now on is shown at the end.
    if (aggregations.some((aggregation) => this.hasEntries(aggregation)))
      for (const aggregation of aggregations) this.printed.add(aggregation);
    if (format) printFormatted(this.world, format, aggregations);
    else printUnformatted(this.world, aggregations);
  }

  private hasEntries(aggregation: Aggregation): boolean {
    for (const _ of this.config.aggregations.entries(aggregation)) return true;
    return false;
  }

  private normalize(
    ecb: EcbInfo,
    number: number,
    value: RecordedValue | undefined,
    memory: LinearMemory,
  ): void {
    const divisor = value ? BigInt(fieldInteger(this.located(value.field, memory, ecb), false)) : 1n;
    // A divisor of 0 is ignored, as dtrace does.
    if (divisor !== 0n) this.config.aggregations.normalize(aggregationOf(ecb, number), divisor);
  }

  /** Keep the n highest, or the -n lowest; none without a number. */
  private trunc(ecb: EcbInfo, number: number, value: RecordedValue | undefined, memory: LinearMemory): void {
    const { aggregations } = this.config;
    const aggregation = aggregationOf(ecb, number);
    const count = value ? Number(this.integer(ecb, value, memory)) : 0;
    if (count === 0) {
      aggregations.retain(aggregation, () => false);
      return;
    }
    const kept = rankedEntries(aggregations, aggregation, count);
    aggregations.retain(aggregation, (entry) => kept.has(entry.valueOffset));
  }

  private setopt(ecb: EcbInfo, name: Uint8Array, value: Uint8Array | undefined): void {
    const option = decoded(name);
    const text = value && decoded(value);
    const refusal = this.config.options.set(option, text, 'setopt');
    this.settings.refresh();
    if (refusal === undefined) return;
    const reason = `couldn't set option "${option}" to "${text ?? SETOPT_DEFAULT}": ${refusal}`;
    this.complain(libraryErrorText(ecb, reason));
  }

  private system(ecb: EcbInfo, command: string): void {
    this.flush();
    const reopened = this.sink === this.config.out ? undefined : this.sink;
    if (this.config.runShell) this.config.runShell(command, reopened);
    else this.complain(libraryErrorText(ecb, 'there is no shell to run system() commands'));
  }

  private freopen(ecb: EcbInfo, path: string): void {
    this.flush();
    const opened =
      path === '' ? this.config.out : (this.config.openFile?.(path) ?? 'Operation not supported');
    if (typeof opened !== 'string') this.sink = opened;
    else this.complain(libraryErrorText(ecb, `couldn't freopen() "${path}": ${opened}`));
  }
}

function aggregationOf(ecb: EcbInfo, number: number): Aggregation {
  return ecb.program.aggregations[number]!;
}

/** All that the clause records is in branches, and none was taken: there is no row, as for a predicate that does not hold. */
function tookNothing({ taken, actions }: RecordPlan, memory: LinearMemory, payload: number): boolean {
  if (taken === undefined || actions.length === 0) return false;
  return actions.every(({ index }) => !isBitSet(memory, payload + taken, index));
}

function isBitSet(memory: LinearMemory, bitmap: number, index: number): boolean {
  return ((memory.u8[bitmap + (index >> 3)]! >> (index & 7)) & 1) === 1;
}
