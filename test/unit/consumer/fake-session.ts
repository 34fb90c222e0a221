/**
 * A session without an engine: records laid out by hand in a LinearMemory, and aggregations in a plain list.
 */
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { type Consumer, type ConsumerConfig, createConsumer } from '../../../src/consumer/consumer.ts';
import type { AggFuncName } from '../../../src/dif/aggregating-functions.ts';
import { valueWords } from '../../../src/dif/buckets.ts';
import type {
  AggregationEntry,
  AggregationStore,
  EcbInfo,
  ProbeName,
} from '../../../src/dif/consumer-contract.ts';
import { createOptions, type Options } from '../../../src/dif/options.ts';
import { type PrintfFormat, parseFormat } from '../../../src/dif/printf-format.ts';
import type {
  Action,
  Aggregation,
  AggregationParams,
  Difo,
  Program,
  RecordedValue,
  ValueShape,
} from '../../../src/dif/program.ts';
import { NO_NEEDS } from '../../../src/machine/needs.ts';
import type { Type } from '../../../src/types/type.ts';

export const STRSIZE = 16;
const encoder = new TextEncoder();

/** A value with the shape it is recorded in. Stacks are given as their frames. */
export interface Value {
  readonly shape: ValueShape;
  readonly content: bigint | string | Uint8Array | readonly bigint[];
}

type IntName = 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64';
const C_NAMES: Readonly<Record<string, string>> = { 8: 'char', 16: 'short', 32: 'int', 64: 'long' };

export function int(name: IntName, content: bigint | number): Value {
  const bits = name.slice(1);
  const signed = name.startsWith('i');
  const sizeBytes = (Number(bits) / 8) as 1 | 2 | 4 | 8;
  const type: Type = { kind: 'int', name: `${signed ? '' : 'unsigned '}${C_NAMES[bits]}`, sizeBytes, signed };
  return { shape: { kind: 'int', sizeBytes, signed, type }, content: BigInt(content) };
}

export function text(content: string): Value {
  return { shape: { kind: 'string', sizeBytes: 0, signed: false, type: { kind: 'string' } }, content };
}

export function bytes(content: Uint8Array | string, type?: Type): Value {
  const raw = typeof content === 'string' ? encoder.encode(content) : content;
  const char: Type = { kind: 'int', name: 'char', sizeBytes: 1, signed: true };
  const shapeType = type ?? { kind: 'array', of: char, count: raw.length };
  return { shape: { kind: 'bytes', sizeBytes: raw.length, signed: false, type: shapeType }, content: raw };
}

export function stack(...frames: bigint[]): Value {
  const sizeBytes = frames.length * 8;
  return { shape: { kind: 'stack', sizeBytes, signed: false, type: { kind: 'stack' } }, content: frames };
}

export function address(content: bigint): Value {
  return { shape: { kind: 'symaddr', sizeBytes: 8, signed: false, type: { kind: 'symaddr' } }, content };
}

export const BEGIN: ProbeName = { id: 1, provider: 'dtrace', module: '', function: '', name: 'BEGIN' };

export function format(literal: string): PrintfFormat {
  const parsed = parseFormat(encoder.encode(literal));
  if ('error' in parsed) throw new Error(parsed.error);
  return parsed;
}

/** What an action of a test clause carries: values are laid out by the session. */
export type Step =
  | { readonly kind: 'trace' | 'print' | 'exit'; readonly value: Value }
  | { readonly kind: 'tracemem'; readonly value: Value; readonly size?: Value }
  | {
      readonly kind: 'printf' | 'system' | 'freopen';
      readonly format: string;
      readonly values: readonly Value[];
    }
  | { readonly kind: 'printa'; readonly format?: string; readonly aggregations: readonly Aggregation[] }
  | { readonly kind: 'stack'; readonly value: Value }
  | { readonly kind: 'clear' | 'denormalize'; readonly aggregation: Aggregation }
  | { readonly kind: 'trunc' | 'normalize'; readonly aggregation: Aggregation; readonly value?: Value }
  | { readonly kind: 'setopt'; readonly name: string; readonly value?: string }
  | { readonly kind: 'ftruncate' };

interface Entry {
  readonly keyOffset: number;
  readonly valueOffset: number;
  readonly words: number;
  normal: bigint;
}

export class FakeStore implements AggregationStore {
  readonly memory: LinearMemory;
  readonly tables = new Map<Aggregation, Entry[]>();

  constructor(memory: LinearMemory) {
    this.memory = memory;
  }

  add(aggregation: Aggregation, keys: readonly Value[], words: readonly bigint[]): void {
    const parts = keys.map(keyBytes);
    const keyOffset = place(this.memory, ...parts);
    const valueOffset = place(this.memory, new Uint8Array(BigInt64Array.from(words).buffer));
    const entries = this.tables.get(aggregation) ?? [];
    entries.push({ keyOffset, valueOffset, words: words.length, normal: 1n });
    this.tables.set(aggregation, entries);
  }

  count(aggregation: Aggregation): number {
    return this.tables.get(aggregation)?.length ?? 0;
  }

  entries(aggregation: Aggregation): Iterable<AggregationEntry> {
    return this.tables.get(aggregation) ?? [];
  }

  forEach(
    aggregation: Aggregation,
    visit: (keyOffset: number, valueOffset: number, normal: bigint) => void,
  ): void {
    for (const entry of this.entries(aggregation)) visit(entry.keyOffset, entry.valueOffset, entry.normal);
  }

  clear(aggregation: Aggregation): void {
    for (const { valueOffset, words } of this.tables.get(aggregation) ?? []) {
      this.memory.i64.fill(0n, valueOffset / 8, valueOffset / 8 + words);
    }
  }

  normalize(aggregation: Aggregation, divisor: bigint): void {
    for (const entry of this.tables.get(aggregation) ?? []) entry.normal = divisor;
  }

  retain(aggregation: Aggregation, keep: (entry: AggregationEntry) => boolean): void {
    this.tables.set(aggregation, (this.tables.get(aggregation) ?? []).filter(keep));
  }
}

export class FakeSession {
  readonly memory = new LinearMemory();
  readonly options: Options = createOptions();
  readonly store = new FakeStore(this.memory);
  readonly aggregations: Aggregation[] = [];
  readonly consumer: Consumer;
  readonly errors: string[] = [];
  readonly events: string[] = []; // order of writes, messages and commands
  output = '';
  private epid = 0;

  constructor(extra: Partial<ConsumerConfig> = {}) {
    const decoder = new TextDecoder('latin1');
    this.consumer = createConsumer({
      out: {
        write: (chunk) => {
          this.output += decoder.decode(chunk);
          this.events.push('write');
        },
      },
      err: (message) => {
        this.errors.push(message);
        this.events.push('err');
      },
      options: this.options,
      programs: [this.program()],
      aggregations: this.store,
      variableName: (id) => (id === 0x200 ? 'rax' : undefined),
      runShell: (command) => this.events.push(`sh ${command}`),
      ...extra,
    });
  }

  set(...names: string[]): this {
    for (const name of names) {
      const [option = '', value] = name.split('=');
      const refusal = this.options.set(option, value, 'command');
      if (refusal !== undefined) throw new Error(refusal);
    }
    return this;
  }

  aggregation(
    func: AggFuncName,
    keys: readonly Value[],
    params: AggregationParams = { kind: 'none' },
    name = 'a',
  ): Aggregation {
    const shapes = keys.map((key) => key.shape);
    const value = int('i64', 0).shape;
    const aggregation = { id: this.aggregations.length, name, func, keys: shapes, value, params };
    this.aggregations.push(aggregation);
    return aggregation;
  }

  /** Words of a histogram entry with the given counts by bucket index. */
  histogram(aggregation: Aggregation, counts: Readonly<Record<number, number>>): bigint[] {
    const words: bigint[] = new Array(valueWords(aggregation.func, aggregation.params)).fill(0n);
    for (const [index, count] of Object.entries(counts)) words[Number(index)] = BigInt(count);
    return words;
  }

  ecb(
    steps: readonly Step[],
    probe: ProbeName = BEGIN,
    taken = false,
  ): { ecb: EcbInfo; payload: Uint8Array } {
    const layout = new PayloadLayout();
    const actions = steps.map((step, i) => actionOf(step, i + 1, layout));
    const bitmap = taken ? layout.room(8) : undefined;
    const payload = layout.bytes();
    const clause = {
      index: 0,
      patterns: [],
      predicate: undefined,
      actions,
      layout: { payloadBytes: payload.length, taken: bitmap },
      records: true,
      line: 1,
    };
    this.epid++;
    return { ecb: { epid: this.epid, probe, program: this.program(), clause }, payload };
  }

  /** One firing of a clause made of `steps`. */
  fire(steps: readonly Step[], probe: ProbeName = BEGIN, cpu = 0, timestampNs = 0n): this {
    const { ecb, payload } = this.ecb(steps, probe);
    this.deliver(ecb, payload, cpu, timestampNs);
    return this;
  }

  deliver(ecb: EcbInfo, payload: Uint8Array, cpu = 0, timestampNs = 0n): void {
    const timeAt = place(this.memory, new Uint8Array(BigInt64Array.of(timestampNs).buffer));
    this.consumer.record(ecb, cpu, timeAt, this.memory, place(this.memory, payload));
  }

  /** All that was printed so far. */
  text(): string {
    this.consumer.flush();
    return this.output;
  }

  finished(): string {
    this.consumer.finish();
    return this.output;
  }

  private program(): Program {
    return {
      name: 'test',
      clauses: [],
      variables: [],
      aggregations: this.aggregations,
      needs: NO_NEEDS,
      destructive: [],
      strsize: STRSIZE,
    };
  }
}

/** Text of one quiet printf. */
export function printf(literal: string, ...values: Value[]): string {
  return new FakeSession()
    .set('quiet')
    .fire([{ kind: 'printf', format: literal, values }])
    .text();
}

class PayloadLayout {
  private readonly parts: Uint8Array[] = [];
  private size = 0;

  room(sizeBytes: number): number {
    return this.put(new Uint8Array(sizeBytes));
  }

  put(part: Uint8Array): number {
    const offset = this.size;
    this.parts.push(part);
    this.size = Math.ceil((offset + part.length) / 8) * 8;
    return offset;
  }

  value(value: Value): RecordedValue {
    const part = recordBytes(value);
    return { difo: NO_CODE, field: { offset: this.put(part), shape: value.shape, sizeBytes: part.length } };
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at = Math.ceil((at + part.length) / 8) * 8;
    }
    return all;
  }
}

const NO_CODE: Difo = {
  code: new Uint32Array(),
  integers: new BigInt64Array(),
  strings: new Uint8Array(),
  result: int('i64', 0).shape,
};

function actionOf(step: Step, number: number, layout: PayloadLayout): Action {
  switch (step.kind) {
    case 'trace':
    case 'print':
    case 'exit':
      return { number, kind: step.kind, value: layout.value(step.value) };
    case 'tracemem':
      return {
        number,
        kind: 'tracemem',
        value: layout.value(step.value),
        size: step.size && layout.value(step.size),
      };
    case 'printf':
    case 'system':
    case 'freopen':
      return {
        number,
        kind: step.kind,
        format: format(step.format),
        values: step.values.map((value) => layout.value(value)),
      };
    case 'printa':
      return {
        number,
        kind: 'printa',
        format: step.format === undefined ? undefined : format(step.format),
        aggregations: step.aggregations.map((aggregation) => aggregation.id),
      };
    case 'stack':
      return { number, kind: 'stack', frames: 0, field: layout.value(step.value).field };
    case 'clear':
    case 'denormalize':
      return { number, kind: step.kind, aggregation: step.aggregation.id };
    case 'trunc':
    case 'normalize':
      return {
        number,
        kind: step.kind,
        aggregation: step.aggregation.id,
        value: step.value && layout.value(step.value),
      };
    case 'setopt':
      return {
        number,
        kind: 'setopt',
        name: encoder.encode(step.name),
        value: step.value === undefined ? undefined : encoder.encode(step.value),
      };
    case 'ftruncate':
      return { number, kind: 'ftruncate' };
  }
}

/** As the engine records it: strings in strsize + 1 bytes, whose rest is leftovers. */
function recordBytes({ shape, content }: Value): Uint8Array {
  if (typeof content === 'string') {
    const room = new Uint8Array(STRSIZE + 1).fill(0x21);
    const encoded = Buffer.from(content, 'latin1').subarray(0, STRSIZE);
    room.set(encoded);
    room[encoded.length] = 0;
    return room;
  }
  if (content instanceof Uint8Array) return content;
  if (typeof content === 'bigint') return integerBytes(content, shape.sizeBytes);
  return new Uint8Array(BigInt64Array.from(content).buffer);
}

/** As consumer-contract.ts lays keys out. */
function keyBytes(value: Value): Uint8Array {
  const { shape, content } = value;
  if (typeof content === 'string') {
    const encoded = Buffer.from(content, 'latin1');
    return Buffer.concat([integerBytes(BigInt(encoded.length), 4), encoded]);
  }
  if (content instanceof Uint8Array) return content;
  if (typeof content !== 'bigint') {
    return Buffer.concat([integerBytes(BigInt(content.length), 8), recordBytes(value)]);
  }
  const bits = shape.sizeBytes * 8;
  return integerBytes(shape.signed ? BigInt.asIntN(bits, content) : BigInt.asUintN(bits, content), 8);
}

function integerBytes(value: bigint, sizeBytes: number): Uint8Array {
  return new Uint8Array(BigInt64Array.of(BigInt.asIntN(64, value)).buffer).slice(0, sizeBytes);
}

/** Parts one after another, each 8-aligned; returns where the first lies. */
function place(memory: LinearMemory, ...parts: Uint8Array[]): number {
  const sizes = parts.map((part) => Math.ceil(part.length / 8) * 8);
  const start = memory.reserve(sizes.reduce((sum, size) => sum + size, 8));
  let at = start;
  parts.forEach((part, i) => {
    memory.u8.set(part, at);
    at += sizes[i]!;
  });
  return start;
}
