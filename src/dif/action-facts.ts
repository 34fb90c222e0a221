/**
 * What an action is made of, for those that treat all actions alike: its expressions and their numbers, the fields it
 * records, the aggregations it names. The verifier, the disassembler and the code generator share these answers.
 */
import { assertNever } from '../base/assert.ts';
import type { Action, Difo, FormattedValue, RecordedStack, RecordField, ValueShape } from './program.ts';
import { plainShape } from './shape-text.ts';

/** One expression of an action, with the number faults in it are reported under. */
export interface ActionPart {
  readonly number: number;
  readonly what: string;
  readonly difo: Difo;
}

/** The expressions of an action, in the order they are evaluated. */
export function actionParts(action: Action): readonly ActionPart[] {
  return namedDifos(action)
    .map(({ what, difo }, i) => ({ number: action.number + i, what, difo }))
    .filter((part): part is ActionPart => part.difo !== undefined);
}

/** What each number of an action stands for; no Difo where the engine evaluates without code (stacks, count). */
function namedDifos(action: Action): readonly { what: string; difo: Difo | undefined }[] {
  switch (action.kind) {
    case 'expression':
    case 'branch':
    case 'speculate':
    case 'commit':
    case 'discard':
    case 'raise':
    case 'chill':
      return [{ what: action.kind, difo: action.difo }];
    case 'trace':
    case 'print':
    case 'disasm':
    case 'exit':
      return [{ what: action.kind, difo: action.value.difo }];
    case 'tracemem':
      return [
        { what: 'address', difo: action.value.difo },
        { what: 'size', difo: action.size?.difo },
      ];
    case 'printf':
    case 'system':
    case 'freopen':
      return action.values.map((value, i) => ({
        what: `argument ${i + 1}`,
        difo: isStack(value) ? undefined : value.difo,
      }));
    case 'aggregate':
      return [
        ...action.keys.map((key, i) => ({
          what: `key ${i + 1}`,
          difo: key.kind === 'value' ? key.difo : undefined,
        })),
        { what: 'value', difo: action.value },
        { what: 'increment', difo: action.increment },
      ];
    case 'trunc':
    case 'normalize':
      return [{ what: action.kind, difo: action.value?.difo }];
    case 'jump':
    case 'printa':
    case 'stack':
    case 'ustack':
    case 'jstack':
    case 'clear':
    case 'denormalize':
    case 'setopt':
    case 'ftruncate':
    case 'stop':
    case 'breakpoint':
    case 'panic':
    case 'pcap':
    case 'registers':
      return [];
    default:
      return assertNever(action, 'dif');
  }
}

/** How many numbers an action takes: one per expression, at least one; a jump evaluates nothing and takes none. */
export function numbersTaken(action: Action): number {
  switch (action.kind) {
    case 'jump':
      return 0;
    case 'printf':
    case 'system':
    case 'freopen':
      return Math.max(1, action.values.length);
    case 'aggregate':
      return action.keys.length + 1 + (action.increment ? 1 : 0);
    case 'tracemem':
      return action.size ? 2 : 1;
    default:
      return 1;
  }
}

/** Whether an argument of printf() is the stack of the firing, which no code computes. */
export function isStack(value: FormattedValue): value is RecordedStack {
  return !('difo' in value);
}

/** Fields an action records, with the shape of what fills each: the result of a DIFO, or a stack. */
export function fieldsOf(action: Action): readonly { field: RecordField; result: ValueShape }[] {
  switch (action.kind) {
    case 'trace':
    case 'print':
    case 'disasm':
    case 'exit':
      return [{ field: action.value.field, result: action.value.difo.result }];
    case 'tracemem':
    case 'printf':
    case 'system':
    case 'freopen':
    case 'trunc':
    case 'normalize':
      return valuesOf(action).map((value) => ({
        field: value.field,
        result: isStack(value) ? framesShape(value) : value.difo.result,
      }));
    case 'stack':
    case 'ustack':
    case 'jstack':
      return [{ field: action.field, result: framesShape(action) }];
    case 'registers':
      return [{ field: action.field, result: action.field.shape }];
    default:
      return [];
  }
}

function framesShape({ frames }: RecordedStack): ValueShape {
  return plainShape('stack', 8 * frames, false);
}

function valuesOf(
  action: Extract<Action, { kind: 'tracemem' | 'printf' | 'system' | 'freopen' | 'trunc' | 'normalize' }>,
): readonly FormattedValue[] {
  switch (action.kind) {
    case 'tracemem':
      return action.size ? [action.value, action.size] : [action.value];
    case 'trunc':
    case 'normalize':
      return action.value ? [action.value] : [];
    default:
      return action.values;
  }
}

/** Aggregations an action names. */
export function aggregationsOf(action: Action): readonly number[] {
  switch (action.kind) {
    case 'aggregate':
    case 'clear':
    case 'denormalize':
    case 'trunc':
    case 'normalize':
      return [action.aggregation];
    case 'printa':
      return action.aggregations;
    default:
      return [];
  }
}

/** Bytes a value takes in a record. */
export function recordedBytes(shape: ValueShape, strsize: number): number {
  return shape.kind === 'string' ? strsize + 1 : shape.sizeBytes;
}

/** Alignment of a value in a record: integers by their size, everything else by 8 so that it can be copied in words. */
export function alignmentOf(shape: ValueShape): number {
  return shape.kind === 'int' ? shape.sizeBytes : 8;
}
