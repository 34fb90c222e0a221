/**
 * Which traces are of one record per line, and what they show: asked before the program is compiled, since probes are made
 * of it.
 *
 * In: the paths of -t, and the format when the user named one. Out: undefined for a QEMU log, which is replayed as ever; else
 * the trace with its points. A regular file is read to its end for them; of a pipe only what its format names is known, and
 * its format must be named too.
 */
import { LinearMemory } from '../../base/linear-memory.ts';
import { type Diagnostic, diagnostic } from '../../diag/diagnostics.ts';
import { NO_NEEDS } from '../../machine/needs.ts';
import { FtraceParser } from '../ftrace/ftrace.ts';
import type { SyscallNames } from '../ftrace/place.ts';
import { canBeReadTwice } from '../set.ts';
import { withoutColours } from './colours.ts';
import { expectedOf, FORMATS, type Format, parseFormat } from './format.ts';
import { LineFormatParser } from './line-format.ts';
import type { LineReader } from './line-record.ts';
import { PointTable, type RecordSink, type TextRecord } from './points.ts';
import { openTextTrace, type TextTrace } from './text-source.ts';

export { openTextTrace };

export interface TextTraceRequest {
  readonly paths: readonly string[];
  readonly stdin: number;
  /** The trace is being written. */
  readonly follow: boolean;
  /** -x format: the name of a built-in one, or the path of a file. */
  readonly format: string | undefined;
  /** What sniff.ts found, to tell the format when it is not named. */
  readonly beginning: string;
  /** -x categories: those that are wanted, by name or as a mask of bits. */
  readonly categories: string | undefined;
  /** For a trace that tells calls of the system by number. */
  readonly syscalls: () => Promise<SyscallNames | Diagnostic>;
  readonly readFile: (path: string) => string | undefined;
}

export interface KnownTrace extends TextTrace {
  /** There may be points that are not in the table yet. */
  readonly isOpen: boolean;
}

export async function findTextTrace(request: TextTraceRequest): Promise<KnownTrace | Diagnostic | undefined> {
  const form = formOf(request);
  if (form === undefined || 'tag' in form) return form;
  const table = new PointTable();
  const { format } = form;
  const syscalls = format === undefined ? await request.syscalls() : NO_SYSCALLS;
  if ('tag' in syscalls) return syscalls;
  const trace: TextTrace = {
    form: form.name,
    table,
    newParser: () => form.newParser(table, syscalls),
    sequence: format?.sequence?.of,
    hasTime: format === undefined || format.time !== undefined,
    isMasked: maskOf(request.categories, format, table),
  };
  trace.newParser(); // makes the points that the format names
  const isWhole = request.paths.every(canBeReadTwice);
  if (isWhole) {
    const failed = await lookThrough(trace, request);
    // Without points no program could name any, and its message would be a riddle.
    if (failed !== undefined && table.points.length === 0 && !request.follow) return failed;
    const [unmet] = failed === undefined ? (form.unmet ?? []) : [];
    table.isSettled = failed === undefined && !request.follow;
    if (unmet !== undefined && request.format !== undefined && !request.follow)
      return diagnostic('U_FORMAT', undefined, {
        path: request.format,
        reason: `no record of the trace has a field {${unmet}}`,
      });
  }
  return { ...trace, isOpen: request.follow || !isWhole };
}

/** How the lines of a trace are read: by a format, or by a parser of their own. */
interface Form {
  readonly name: string;
  readonly format?: Format;
  readonly newParser: (table: PointTable, syscalls: SyscallNames) => LineReader;
  /** Fields that some record must have, and none has had yet. */
  readonly unmet?: ReadonlySet<string>;
}

const FORMS: readonly Form[] = [
  ...FORMATS.map((format) => formOfFormat(format)),
  { name: 'ftrace', newParser: (table, syscalls) => new FtraceParser(table, syscalls) },
];

/** `unmet`: what is to be seen in the lines, of a format that may name what there is not. */
function formOfFormat(format: Format, unmet = new Set<string>()): Form {
  return {
    name: format.name,
    format,
    unmet,
    newParser: (table) => new LineFormatParser(format, table, unmet),
  };
}

function formOf({ format, beginning, readFile }: TextTraceRequest): Form | Diagnostic | undefined {
  if (format === undefined) return formIn(beginning);
  const known = FORMS.find(({ name }) => name === format);
  if (known !== undefined) return known;
  const text = readFile(format);
  const read =
    text === undefined
      ? `it is no file, and none of ${FORMS.map(({ name }) => name).join(', ')}`
      : parseFormat(text);
  return typeof read === 'string'
    ? diagnostic('U_FORMAT', undefined, { path: format, reason: read })
    : formOfFormat(read, new Set(expectedOf(read)));
}

/** The form whose records the text has. */
function formIn(text: string): Form | undefined {
  const lines = withoutColours(text).split('\n');
  return FORMS.find((form) => showsRecord(form, lines));
}

function showsRecord(form: Form, lines: readonly string[]): boolean {
  const parser = form.newParser(new PointTable(), NO_SYSCALLS);
  let found = false;
  const sink: RecordSink = { ...NOTHING, record: () => (found = true) };
  for (const line of lines) {
    parser.take(line, sink);
    if (found) return true;
  }
  return false;
}

const NO_SYSCALLS: SyscallNames = { personality: '', names: new Map() };
const NOTHING: RecordSink = { record: () => {}, torn: () => {}, known: () => {}, dropped: () => {} };

/** Every point and field of the files goes into the table. Returns why that was not possible. */
async function lookThrough(
  trace: TextTrace,
  { paths, stdin }: TextTraceRequest,
): Promise<Diagnostic | undefined> {
  const { EventBatch } = await import('../../machine/event-batch.ts');
  const memory = new LinearMemory();
  const plain: TextTrace = { ...trace, sequence: undefined, isMasked: undefined, isLook: true };
  const source = await openTextTrace(plain, { paths, stdin, memory, needs: NO_NEEDS, scan: 'fast' });
  if ('tag' in source) return source;
  let failed: Diagnostic | undefined;
  const batch = new EventBatch(memory);
  for (;;) {
    const filled = await source.fill(batch);
    if (typeof filled !== 'number') failed = filled;
    if (typeof filled !== 'number' || filled === 0) break;
  }
  await source.close();
  return failed;
}

/** Whether the category of a point is masked. A name is a category's or a point's; a number has a bit for each. */
function maskOf(
  categories: string | undefined,
  format: Format | undefined,
  table: PointTable,
): ((point: number) => boolean) | undefined {
  if (categories === undefined) return undefined;
  const words = categories.split(',').map((word) => word.trim());
  const bits = /^(0x[0-9a-f]+|\d+)$/i.test(words[0] ?? '') ? BigInt(words[0]!) : undefined;
  return (point) => {
    const { module, name } = table.points[point]!;
    if (bits === undefined) return !words.includes(module) && !words.includes(name);
    const bit = format?.points.get(name)?.bit;
    return bit === undefined || ((bits >> BigInt(bit)) & 1n) === 0n;
  };
}

export type { TextRecord };
