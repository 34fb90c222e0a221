/**
 * What a record's text is made of, worked out once per ECB: a list of steps, each of them a few bytes of output.
 *
 *   printf("%d %-8x|%s\n", a, b, c)   ─▶   number a · literal ' ' · number b · literal '|' · string c · literal '\n'
 *
 * Only integers and strings in their usual conversions, and literals, are steps of their own. Everything else is a step
 * that calls the code which can do it all: `convert` for one conversion, `trace` for one value, `perform` for a whole
 * action. So a plan never changes what is printed, and that code is what plans are tested against.
 *
 * Values lie at multiples of their size, since payloads begin at multiples of 8; one that does not has no step of its own.
 */
import type { EcbInfo } from '../dif/consumer-contract.ts';
import { conversionNamed, type Rendering } from '../dif/conversions.ts';
import type { Conversion, Literal } from '../dif/printf-format.ts';
import type { Action, FormattedValue, RecordField, ValueShape } from '../dif/program.ts';
import { isFloat } from './float-text.ts';
import { columnForm, type NumberForm } from './number-text.ts';
import { type Layout, layoutOf } from './printf-layout.ts';
import type { RowCode, RowPiece } from './row-code.ts';
import { INTEGER_WIDTHS } from './trace-value.ts';

/** Code for rows is made when that many have been printed: making it takes as long as printing them. */
const COMPILE_AFTER = 4000;

/** What a step does. Numbers, and one shape for all steps: V8 then needs no look-up to read one. */
export const STEP = {
  literal: 0, // bytes
  number: 1, // offset, form
  string: 2, // offset, limit, layout
  /** trace() of an integer: offset, form; in quiet mode without its column: quietForm. */
  column: 3,
  convert: 4, // conversion, layout, field
  trace: 5, // field
  perform: 6, // action
} as const;

/** Fields that its kind does not name are undefined, or 0. */
export interface Step {
  readonly kind: (typeof STEP)[keyof typeof STEP];
  readonly offset: number; // in the payload
  readonly limit: number; // bytes of a string at most
  readonly bytes: Uint8Array | undefined;
  readonly form: NumberForm | undefined;
  readonly quietForm: NumberForm | undefined;
  readonly layout: Layout | undefined;
  readonly conversion: Conversion | undefined;
  readonly field: RecordField | undefined;
  readonly action: Action | undefined;
}

const NOTHING: Omit<Step, 'kind'> = {
  offset: 0,
  limit: 0,
  bytes: undefined,
  form: undefined,
  quietForm: undefined,
  layout: undefined,
  conversion: undefined,
  field: undefined,
  action: undefined,
};

export interface PlannedAction {
  /** Its index among the clause's actions, which is its bit in `taken`. */
  readonly index: number;
  readonly steps: readonly Step[];
}

export interface RecordPlan {
  readonly ecb: EcbInfo;
  /** Payload offset of the bitmap of actions that ran; undefined when all did. */
  readonly taken: number | undefined;
  readonly actions: readonly PlannedAction[];
  /** Records that are printed step by step before `code` is made. */
  patience: number;
  code: RowCode | 'none' | undefined;
}

export function planOf(ecb: EcbInfo): RecordPlan {
  const { clause } = ecb;
  const actions = clause.actions
    .map((action, index) => ({ index, steps: stepsOf(ecb, action) }))
    .filter(({ steps }) => steps.length > 0);
  return { ecb, taken: clause.layout.taken, actions, patience: COMPILE_AFTER, code: undefined };
}

/** What a row is made of in quiet mode; undefined unless all of it is there in every record, at a fixed place. */
export function rowPieces({ taken, actions }: RecordPlan): readonly RowPiece[] | undefined {
  if (taken !== undefined) return undefined;
  const pieces = actions.flatMap(({ steps }) => steps.map(pieceOf));
  const known = pieces.filter((piece) => piece !== undefined);
  return known.length === pieces.length ? known : undefined;
}

function pieceOf({ kind, offset, limit, bytes, form, quietForm, layout }: Step): RowPiece | undefined {
  switch (kind) {
    case STEP.literal:
      return { kind: 'literal', bytes: bytes! };
    case STEP.number:
      return { kind: 'number', offset, form: form! };
    case STEP.column:
      return { kind: 'number', offset, form: quietForm! };
    case STEP.string:
      return { kind: 'string', offset, limit, width: layout!.width, left: layout!.left };
    default:
      return undefined;
  }
}

function stepsOf(ecb: EcbInfo, action: Action): readonly Step[] {
  switch (action.kind) {
    case 'expression':
    case 'branch':
    case 'jump':
    case 'aggregate':
    case 'speculate':
    case 'commit':
    case 'discard':
      return []; // done by the engine when the clause ran
    case 'trace':
      return [tracing(action.value.field)];
    case 'printf':
      return formatting(ecb, action.format.pieces, action.values) ?? [performing(action)];
    default:
      return [performing(action)];
  }
}

function performing(action: Action): Step {
  return { ...NOTHING, kind: STEP.perform, action };
}

function tracing(field: RecordField): Step {
  const { shape, offset } = field;
  if (shape.kind !== 'int' || isFloat(shape.type) || !isAligned(field))
    return { ...NOTHING, kind: STEP.trace, field };
  const { sizeBytes, signed } = shape;
  const quietForm = columnForm(sizeBytes, signed, 0);
  const form = columnForm(sizeBytes, signed, INTEGER_WIDTHS[sizeBytes] ?? 0);
  return { ...NOTHING, kind: STEP.column, offset, form, quietForm };
}

/** Undefined when widths or precisions come from arguments. */
function formatting(
  { program }: EcbInfo,
  pieces: readonly (Literal | Conversion)[],
  values: readonly FormattedValue[],
): readonly Step[] | undefined {
  const steps: Step[] = [];
  let argument = 0;
  for (const piece of pieces) {
    if (piece.kind === 'literal') {
      steps.push({ ...NOTHING, kind: STEP.literal, bytes: piece.bytes });
      continue;
    }
    if (piece.width === 'argument' || piece.precision === 'argument') return undefined;
    const value = values[argument++];
    if (value) steps.push(converting(piece, value.field, program.strsize));
  }
  return steps;
}

function converting(conversion: Conversion, field: RecordField, strsize: number): Step {
  const layout = layoutOf(conversion, () => 0);
  const { offset, shape } = field;
  const renders = conversionNamed(conversion.letters)?.renders ?? 'decimal';
  const form = isAligned(field) ? formOf(conversion, renders, layout, field) : undefined;
  if (form) return { ...NOTHING, kind: STEP.number, offset, form };
  const isText = shape.kind === 'string' || shape.kind === 'bytes';
  if ((renders !== 'string' && renders !== 'inetAddress') || !isText)
    return { ...NOTHING, kind: STEP.convert, conversion, layout, field };
  const sizeBytes = shape.kind === 'string' ? Math.min(field.sizeBytes, strsize) : field.sizeBytes;
  const limit = Math.min(sizeBytes, layout.precision ?? sizeBytes);
  return { ...NOTHING, kind: STEP.string, offset, limit, layout };
}

function isAligned({ shape, offset }: RecordField): boolean {
  return [1, 2, 4, 8].includes(shape.sizeBytes) && offset % shape.sizeBytes === 0;
}

/** Radix of an integer conversion, and whether it takes the value as signed. */
const RADIXES: Readonly<Partial<Record<Rendering, readonly [NumberForm['radix'], 'type' | boolean]>>> = {
  decimal: [10, 'type'],
  signed: [10, true],
  unsigned: [10, false],
  octal: [8, false],
  hex: [16, false],
  upperHex: [16, false],
  pointer: [16, false],
};

/** The form of an integer conversion; undefined of others, and of digits in groups. */
export function formOf(
  { flags, letters }: Conversion,
  renders: Rendering,
  layout: Layout,
  { shape }: { readonly shape: Pick<ValueShape, 'kind' | 'sizeBytes' | 'signed'> },
): NumberForm | undefined {
  const radix = RADIXES[renders];
  if (radix === undefined || flags.group) return undefined;
  if (shape.kind !== 'int' && shape.kind !== 'symaddr' && shape.kind !== 'usymaddr') return undefined;
  const { width, left, precision = 0 } = layout;
  const isSigned = letters.endsWith('d') || letters.endsWith('i');
  return {
    radix: radix[0],
    sizeBytes: shape.kind === 'int' ? shape.sizeBytes : 8,
    signed: radix[1] === 'type' ? shape.signed : radix[1],
    width,
    left,
    zeros: flags.zero && !left && precision === 0,
    precision,
    plus: !isSigned ? 0 : flags.plus ? 0x2b : flags.space ? 0x20 : 0,
    alternate: flags.alternate,
    capitals: letters.endsWith('X'),
    bare: width === 0 && precision === 0 && !flags.alternate,
  };
}
