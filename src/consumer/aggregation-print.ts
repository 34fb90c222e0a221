/**
 * Aggregations as text: the default layout, printa() without and with a format (d-language.md 7.5, 7.6).
 *
 * Default layout, one row per key tuple, a column per key and then one per aggregation:
 *   " %16d" 8-byte keys   " %8d" 4   " %5d" 2   " %3d" 1   "  %-50s" strings and symbols   " %16d" the value
 * Keys of 1 and 2 bytes print zero-extended and larger ones signed, whatever their type: that is what dtrace does.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import type { AggregationStore, Symbolizer } from '../dif/consumer-contract.ts';
import { conversionNamed } from '../dif/conversions.ts';
import type { Options } from '../dif/options.ts';
import type { Conversion, Literal, PrintfFormat } from '../dif/printf-format.ts';
import type { Aggregation } from '../dif/program.ts';
import {
  type AggregationTable,
  concatenate,
  type EntryRows,
  isWord,
  join,
  leader,
  locateKey,
  memberOf,
  normalOf,
  numberAt,
  type SortOrder,
  sortRows,
  tableOf,
} from './aggregation-table.ts';
import { barStyle, type RowStyle } from './bar-chart.ts';
import { type BarOptions, writeHistogram } from './histogram.ts';
import { columnForm, type NumberForm, writeNumberAt } from './number-text.ts';
import { packedStyle } from './packed-histogram.ts';
import { writeAggregated, writeConversion, writeInteger } from './printf.ts';
import { type Layout, layoutOf } from './printf-layout.ts';
import { formOf } from './record-plan.ts';
import { RowCode, type RowMemory, type RowPiece } from './row-code.ts';
import { writeStack } from './stacks.ts';
import { TextBuffer } from './text-buffer.ts';
import { shownSymbol, type ValueStyle, writeSymbolColumn, writeTextOrDump } from './trace-value.ts';
import type { Field } from './values.ts';

export interface AggregationWorld {
  readonly out: TextBuffer;
  readonly store: AggregationStore;
  readonly options: Options;
  readonly symbols: Symbolizer | undefined;
  /** What -x aggpack draws with where -x encoding does not say. */
  readonly showsUtf8: () => boolean;
  /** For rows that are printed many at once. */
  readonly rowMemory: (memory: LinearMemory) => RowMemory | undefined;
  /** Called after each row, so that a long printing does not pile up in memory. */
  readonly rowDone: () => void;
}

const VALUE_WIDTH = 16;
const KEY_FORMS: Readonly<Record<number, NumberForm>> = {
  1: columnForm(1, false, 3),
  2: columnForm(2, false, 5),
  4: columnForm(4, true, 8),
  8: columnForm(8, true, VALUE_WIDTH),
};
const VALUE_FORM = columnForm(8, true, VALUE_WIDTH);
const STRING_KEY_WIDTH = 50;
const NEWLINE = 0x0a;
const BLANK = 0x20;
const GAP: RowPiece = { kind: 'literal', bytes: Uint8Array.of(BLANK) };
const ROW_END: RowPiece = { kind: 'literal', bytes: Uint8Array.of(NEWLINE) };

/** What is left at the end of tracing: one aggregation after the other, or all of them by key. */
export function printAll(world: AggregationWorld, aggregations: readonly Aggregation[]): void {
  const order = sortOrder(world.options);
  const tables = aggregations.map((aggregation) => tableOf(world.store, aggregation));
  if (order.byKey) {
    printRows(world, concatenate(tables), order);
    return;
  }
  for (const table of order.reversed ? tables.reverse() : tables) {
    printRows(world, concatenate([table]), order);
  }
}

/** printa(@a, …) */
export function printUnformatted(world: AggregationWorld, aggregations: readonly Aggregation[]): void {
  world.out.byte(NEWLINE);
  printRows(world, joined(world, aggregations), sortOrder(world.options));
}

/** printa("…", @a, …): the format once per row. */
export function printFormatted(
  world: AggregationWorld,
  format: PrintfFormat,
  aggregations: readonly Aggregation[],
): void {
  const rows = joined(world, aggregations);
  const slots = format.pieces.map(slotOf);
  if (slots.some(isAutomatic)) measure(world, slots, rows);
  giveForms(slots, rows);
  const order = sortRows(rows, sortOrder(world.options));
  if (writeByCode(world, rows, order, (table, valueOffset) => formattedPieces(slots, table, valueOffset)))
    return;
  forEachRow(rows, order, (row) => {
    writeFormattedRow(world.out, world, slots, rows, row);
    world.rowDone();
  });
}

/** Fewer rows are printed sooner than code for them is made. */
const LEAST_CODED_ROWS = 16_384;

/** A row of the default layout; undefined unless all its columns are integers. */
function columnPieces(table: AggregationTable, valueOffset: number): readonly RowPiece[] | undefined {
  const { keys } = table.aggregation;
  if (!isWordOf(table)) return undefined;
  const pieces: RowPiece[] = [];
  for (const [i, { kind, sizeBytes }] of keys.entries()) {
    const form = KEY_FORMS[sizeBytes];
    if (kind !== 'int' || form === undefined) return undefined;
    pieces.push(GAP, { kind: 'number', offset: i * 8, form });
  }
  return [...pieces, GAP, { kind: 'number', offset: valueOffset, form: VALUE_FORM }, ROW_END];
}

/**
 * Print many rows of one table by code that is made for them (row-code.ts), from pieces whose offsets count from where the
 * keys of an entry are. False when that is not possible.
 */
function writeByCode(
  world: AggregationWorld,
  rows: EntryRows,
  order: Uint32Array,
  piecesOf: (table: AggregationTable, valueOffset: number) => readonly RowPiece[] | undefined,
): boolean {
  const [only] = rows.tables;
  if (rows.tables.length !== 1 || only === undefined || order.length < LEAST_CODED_ROWS) return false;
  const valueOffset = fixedDistance(only);
  const pieces = valueOffset === undefined ? undefined : piecesOf(only, valueOffset);
  const place = pieces && world.rowMemory(only.memory);
  const code = place && RowCode.of(place, pieces);
  if (code === undefined) return false;
  for (let from = 0; from < order.length; ) {
    from = addRows(code, only, order, from);
    code.flush(world.out);
    world.rowDone();
  }
  return true;
}

/** As many rows as there is room for, beginning with number `from`; returns where the next ones begin. */
function addRows(
  code: RowCode,
  { memory, keyOffsets }: AggregationTable,
  order: Uint32Array,
  from: number,
): number {
  const { u32 } = memory;
  let words = 0;
  let i = from;
  for (; i < order.length && !code.isFull; i++) {
    const at = keyOffsets[order[i]!]!;
    words ^= u32[at >>> 2]!; // as in lookAt
    code.add(at);
  }
  seen[0] = words;
  return i;
}

/** From keys to value, where that is the same in all entries. */
function fixedDistance({ keyOffsets, valueOffsets }: AggregationTable): number | undefined {
  const distance = valueOffsets[0]! - keyOffsets[0]!;
  for (let i = 0; i < keyOffsets.length; i++)
    if (valueOffsets[i]! - keyOffsets[i]! !== distance) return undefined;
  return distance;
}

/** Where each key is from the first one on; undefined when that differs from entry to entry. */
function keyDistances({ aggregation }: AggregationTable): readonly number[] | undefined {
  const { keys } = aggregation;
  return keys.every(isWord) ? keys.map((_, i) => i * 8) : undefined;
}

/** Undefined unless all of it is literals and integers that have a form. */
function formattedPieces(
  slots: readonly Slot[],
  table: AggregationTable,
  valueOffset: number,
): readonly RowPiece[] | undefined {
  const distances = keyDistances(table);
  if (distances === undefined) return undefined;
  const pieces: RowPiece[] = [];
  let key = 0;
  for (const slot of slots) {
    if (slot.kind === 'literal') {
      pieces.push({ kind: 'literal', bytes: slot.literal.bytes });
      continue;
    }
    const offset = slot.conversion.flags.aggregation ? valueOffset : distances[key++];
    if (offset === undefined) continue; // more conversions than keys print nothing
    if (slot.form === undefined) return undefined;
    pieces.push({ kind: 'number', offset, form: slot.form });
  }
  return pieces;
}

/** Rows that are looked at before any of them is printed. */
const BLOCK_ROWS = 256;

function forEachRow(rows: EntryRows, order: Uint32Array, print: (row: number) => void): void {
  for (let from = 0; from < order.length; from += BLOCK_ROWS) {
    const block = order.subarray(from, from + BLOCK_ROWS);
    if (order.length > BLOCK_ROWS) lookAt(rows, block);
    for (let i = 0; i < block.length; i++) print(block[i]!);
  }
}

/** What was seen, so that looking has an effect and is not left out. */
const seen = new Uint32Array(1);

/**
 * In sorted order entries lie anywhere in memory. A loop that only looks at them has many cache misses under way at a time,
 * where formatting them would wait for one after the other.
 */
function lookAt({ tables }: EntryRows, block: Uint32Array): void {
  const [only] = tables;
  if (tables.length !== 1 || only === undefined) return;
  const { keyOffsets, valueOffsets } = only;
  const { u32 } = only.memory;
  let words = 0;
  for (let i = 0; i < block.length; i++) {
    const entry = block[i]!; // of the only table
    words ^= u32[keyOffsets[entry]! >>> 2]! ^ u32[valueOffsets[entry]! >>> 2]!;
  }
  seen[0] = words;
}

function joined(world: AggregationWorld, aggregations: readonly Aggregation[]): EntryRows {
  return join(aggregations.map((aggregation) => tableOf(world.store, aggregation)));
}

function sortOrder(options: Options): SortOrder {
  return {
    byKey: options.flag('aggsortkey'),
    reversed: options.flag('aggsortrev'),
    firstKey: options.number('aggsortkeypos'),
    firstValue: options.number('aggsortpos'),
  };
}

function printRows(world: AggregationWorld, rows: EntryRows, order: SortOrder): void {
  const [only] = rows.tables;
  if (rows.count === 0 || only === undefined) return;
  const style = rows.tables.length === 1 ? rowStyle(world, only) : undefined;
  style?.writeHeading(world.out);
  const keyStyle = keyStyleOf(world);
  const width = rows.tables.length;
  const sorted = sortRows(rows, order);
  if (style === undefined && writeByCode(world, rows, sorted, columnPieces)) return;
  forEachRow(rows, sorted, (row) => {
    const lead = leader(rows, row);
    const entry = memberOf(rows, row, lead);
    writeKeys(world.out, rows.tables[lead]!, entry, keyStyle, style);
    if (style) style.writeValue(world.out, entry);
    else if (width > 1) writeValues(world, rows, row);
    else {
      writeValue(world, world.out, only, entry);
      world.out.byte(NEWLINE);
    }
    world.rowDone();
  });
}

function rowStyle(world: AggregationWorld, table: AggregationTable): RowStyle | undefined {
  const { options } = world;
  if (options.flag('agghist')) {
    const style = barStyle(table, barOptions(options));
    if (style) return style;
  }
  if (!options.flag('aggpack')) return undefined;
  const bars = barOptions(options);
  return packedStyle(table, options.isExplicit('encoding') ? bars : { ...bars, utf8: world.showsUtf8() });
}

function barOptions(options: Options): BarOptions {
  return { zoom: options.flag('aggzoom'), utf8: options.text('encoding') === 'utf8' };
}

function writeValues(world: AggregationWorld, rows: EntryRows, row: number): void {
  rows.tables.forEach((table, t) => {
    const entry = memberOf(rows, row, t);
    // A joined row shows a missing value as 0; a concatenated one belongs to one aggregation only.
    if (entry >= 0 || rows.kind === 'joined') writeValue(world, world.out, table, entry);
  });
  world.out.byte(NEWLINE);
}

function writeValue(world: AggregationWorld, out: TextBuffer, table: AggregationTable, entry: number): void {
  if (table.geometry) {
    writeDistribution(world, out, table, entry);
    return;
  }
  out.byte(BLANK);
  const { aggregation, memory, valueOffsets } = table;
  const showsWord = aggregation.func !== 'avg' && aggregation.func !== 'stddev';
  if (entry >= 0 && showsWord && normalOf(table, entry) === 1n)
    writeNumberAt(out, VALUE_FORM, memory, valueOffsets[entry]!);
  else out.decimalIn(VALUE_WIDTH, numberAt(table, entry));
}

function writeDistribution(
  world: AggregationWorld,
  out: TextBuffer,
  table: AggregationTable,
  entry: number,
): void {
  if (!table.geometry) return;
  const bars = barOptions(world.options);
  if (entry < 0) {
    writeHistogram(out, table.geometry, table.memory, undefined, 1n, bars);
    return;
  }
  const { geometry, memory, valueOffsets } = table;
  writeHistogram(out, geometry, memory, valueOffsets[entry]!, normalOf(table, entry), bars);
}

function keyStyleOf(world: AggregationWorld): ValueStyle {
  return {
    quiet: false, // keys are columns in quiet mode too
    rawBytes: world.options.flag('rawbytes'),
    stackIndent: world.options.number('stackindent'),
    symbols: world.symbols,
    stringBytes: world.options.number('strsize'),
  };
}

function writeKeys(
  out: TextBuffer,
  table: AggregationTable,
  entry: number,
  style: ValueStyle,
  rowStyle: RowStyle | undefined,
): void {
  const { field } = table;
  if (field === undefined) return;
  let offset = table.keyOffsets[entry]!;
  for (const shape of table.aggregation.keys) {
    offset = locateKey(field, shape, offset);
    writeKey(out, field, style, rowStyle);
  }
}

function writeKey(out: TextBuffer, field: Field, style: ValueStyle, rowStyle: RowStyle | undefined): void {
  switch (field.shape.kind) {
    case 'string':
    case 'bytes':
      if (!rowStyle) {
        writeTextOrDump(out, field, style, STRING_KEY_WIDTH);
        return;
      }
      writeNarrowText(out, field, style, rowStyle.stringKeyWidth);
      return;
    case 'symaddr':
    case 'usymaddr':
      if (rowStyle) writeNarrowSymbol(out, field, style, rowStyle.stringKeyWidth);
      else writeSymbolColumn(out, field, style);
      return;
    case 'stack':
      writeStack(out, field, style.symbols, style.stackIndent);
      return;
    default: {
      const form = KEY_FORMS[field.shape.sizeBytes];
      out.byte(BLANK);
      if (form) writeNumberAt(out, form, field.memory, field.offset);
      else out.decimalIn(VALUE_WIDTH, 0);
    }
  }
}

function writeNarrowText(out: TextBuffer, field: Field, style: ValueStyle, width: number): void {
  out.byte(BLANK);
  const mark = out.length;
  writeTextOrDump(out, field, { ...style, quiet: true }, width);
  out.padLeft(mark, width);
}

function writeNarrowSymbol(out: TextBuffer, field: Field, style: ValueStyle, width: number): void {
  out.byte(BLANK);
  const mark = out.length;
  out.text(shownSymbol(field, style.symbols));
  out.padLeft(mark, width);
}

/** A piece of a format in printa(): its layout is the same in every row. */
type Slot =
  | { readonly kind: 'literal'; readonly literal: Literal }
  | {
      readonly kind: 'conversion';
      readonly conversion: Conversion;
      readonly layout: Layout;
      natural: number; // widest content so far, for automatic widths
      form: NumberForm | undefined; // of what is an integer as it lies in memory
    };

function slotOf(piece: Literal | Conversion): Slot {
  if (piece.kind === 'literal') return { kind: 'literal', literal: piece };
  return {
    kind: 'conversion',
    conversion: piece,
    layout: layoutOf(piece, () => 0),
    natural: 0,
    form: undefined,
  };
}

/** What is aggregated, where it is a word: all but averages, deviations and histograms. */
const WORD_SHAPE = { kind: 'int', sizeBytes: 8, signed: true } as const;

/** Once widths are known: the forms of keys and values that are integers, in rows of a single table. */
function giveForms(slots: readonly Slot[], { tables }: EntryRows): void {
  const [only] = tables;
  if (tables.length !== 1 || only === undefined) return;
  let key = 0;
  for (const slot of slots) {
    if (slot.kind === 'literal') continue;
    const isValue = slot.conversion.flags.aggregation;
    const shape = isValue ? (isWordOf(only) ? WORD_SHAPE : undefined) : only.aggregation.keys[key++];
    const renders = conversionNamed(slot.conversion.letters)?.renders ?? 'decimal';
    if (shape && [1, 2, 4, 8].includes(shape.sizeBytes))
      slot.form = formOf(slot.conversion, renders, slot.layout, { shape });
  }
}

/** Whether what is printed of an entry is the word that it has. */
function isWordOf({ aggregation, geometry, normals }: AggregationTable): boolean {
  const { func } = aggregation;
  return func !== 'avg' && func !== 'stddev' && geometry === undefined && normals === undefined;
}

/** `%*d` in printa(): as wide as the widest content of its column (behaviours.md 36). */
function isAutomatic(slot: Slot): boolean {
  return slot.kind === 'conversion' && slot.conversion.width === 'argument';
}

function measure(world: AggregationWorld, slots: readonly Slot[], rows: EntryRows): void {
  const scratch = new TextBuffer();
  for (let row = 0; row < rows.count; row++) {
    scratch.length = 0;
    writeFormattedRow(scratch, world, slots, rows, row);
  }
  for (const slot of slots) {
    if (slot.kind === 'conversion' && isAutomatic(slot)) slot.layout.width = slot.natural;
  }
}

/** Conversions with @ take the aggregations one after the other, the last one again and again; others take keys. */
function writeFormattedRow(
  out: TextBuffer,
  world: AggregationWorld,
  slots: readonly Slot[],
  rows: EntryRows,
  row: number,
): void {
  const { tables } = rows;
  const lead = leader(rows, row);
  const keyTable = tables[lead]!;
  const { field, keyOffsets, aggregation } = keyTable;
  let keyOffset = keyOffsets[memberOf(rows, row, lead)]!;
  let key = 0;
  let value = 0;
  for (const slot of slots) {
    if (slot.kind === 'literal') {
      out.raw(slot.literal.bytes);
      continue;
    }
    const mark = out.length;
    const shape = aggregation.keys[key];
    if (slot.conversion.flags.aggregation) {
      if (slot.form) {
        writeNumberAt(out, slot.form, keyTable.memory, keyTable.valueOffsets[row]!);
        continue;
      }
      const t = Math.min(value++, tables.length - 1);
      writeFormattedValue(out, world, slot, tables[t]!, memberOf(rows, row, t));
    } else if (shape && field) {
      keyOffset = locateKey(field, shape, keyOffset);
      if (slot.form) writeNumberAt(out, slot.form, field.memory, field.offset);
      else writeConversion(out, slot.conversion, slot.layout, field, world.symbols);
      key++;
    }
    slot.natural = Math.max(slot.natural, out.length - mark);
  }
}

/** `%@`: histograms whole, averages and deviations in decimal whatever the letter says, the others by the letter. */
function writeFormattedValue(
  out: TextBuffer,
  world: AggregationWorld,
  slot: Extract<Slot, { kind: 'conversion' }>,
  table: AggregationTable,
  entry: number,
): void {
  if (table.geometry) {
    writeDistribution(world, out, table, entry);
    return;
  }
  const { func } = table.aggregation;
  const number = numberAt(table, entry);
  if (func === 'avg' || func === 'stddev') writeInteger(out, slot.conversion, slot.layout, number, 10);
  else writeAggregated(out, slot.conversion, slot.layout, number, world.symbols);
}
