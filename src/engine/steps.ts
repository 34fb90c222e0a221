/**
 * A clause made ready to run: its actions as a flat list of steps, one expression each.
 *
 * In: a Clause. Out: an ordered list in which branch targets are step indices; link-steps.ts and fast/emit-clause.ts make
 * code of it. All steps have the same fields, so that perform-step.ts stays monomorphic; each operation says which of them
 * it uses. Numbers of STEPS are stable within a process only.
 */
import { isStack } from '../dif/action-facts.ts';
import { LIVE_ONLY } from '../dif/faults.ts';
import type {
  Action,
  AggregationKey,
  Clause,
  Difo,
  FormattedValue,
  Program,
  RecordedValue,
  RecordField,
  ValueShape,
} from '../dif/program.ts';
import type { AggregationTable } from './aggregating.ts';
import { narrowingOf } from './narrowing.ts';
import type { PreparedDifo } from './prepare.ts';

export const STEPS = {
  evaluate: 0, // run difo for its effect
  branch: 1, // go on at `target` when difo gives 0
  jump: 2, // go on at `target`
  taken: 3, // set bit `target` of the bitmap at payload + offset
  recordInt: 4, // difo's low sizeBytes at payload + offset
  recordText: 5, // the string at difo's address, with NUL, in at most sizeBytes
  recordBytes: 6, // sizeBytes bytes at difo's address; the address itself at payload + target, unless that is 0
  recordStack: 7, // sizeBytes of frames; target 1 for user stacks
  startKey: 8,
  keyInt: 9, // difo narrowed
  keyText: 10,
  keyBytes: 11, // sizeBytes
  keyStack: 12, // at most sizeBytes / 8 frames; target 1 for user stacks
  aggregate: 13, // difo (and increment) into table
  exit: 14, // difo at payload + offset; ends tracing
  speculate: 15,
  commit: 16,
  discard: 17,
  library: 18, // the consumer has something to do when it meets the record
  noGuest: 19, // fault NOGUEST for LIVE_ONLY[target]
  raise: 20, // the same for raise, once difo's value proves to be a signal
  chill: 21, // wait for difo's nanoseconds where there is a clock to wait for; else as noGuest
  recordRegisters: 23, // dif/inspected.ts
  recordCode: 24, // as much of sizeBytes as can be read at difo's address; dif/inspected.ts
  keySymbol: 22, // the first address of the symbol that difo lies in; target 1 for its module
} as const;

export interface Step {
  readonly op: number;
  readonly number: number; // dtrace's action number, for faults
  readonly difo: PreparedDifo | undefined;
  readonly increment: PreparedDifo | undefined;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly narrowing: number;
  readonly table: AggregationTable | undefined;
  target: number;
}

export interface StepContext {
  prepare(difo: Difo): PreparedDifo;
  table(aggregation: number): AggregationTable;
}

export function stepsOf(program: Program, clause: Clause, context: StepContext): readonly Step[] {
  const steps: Step[] = [];
  const starts: number[] = []; // first step of each action
  clause.actions.forEach((action, index) => {
    starts.push(steps.length);
    if (clause.layout.taken !== undefined) {
      steps.push(step(STEPS.taken, action.number, { offset: clause.layout.taken, target: index }));
    }
    steps.push(...actionSteps(program, action, context));
  });
  starts.push(steps.length);
  for (const each of steps) {
    if (each.op === STEPS.branch || each.op === STEPS.jump) each.target = starts[each.target]!;
  }
  return steps;
}

/** Steps of one action; targets of branches and jumps are still action indices. */
function actionSteps(program: Program, action: Action, context: StepContext): Step[] {
  const { number } = action;
  const library = step(STEPS.library, number, {});
  switch (action.kind) {
    case 'expression':
      return [step(STEPS.evaluate, number, { difo: context.prepare(action.difo) })];
    case 'branch':
      return [step(STEPS.branch, number, { difo: context.prepare(action.difo), target: action.whenFalse })];
    case 'jump':
      return [step(STEPS.jump, number, { target: action.to })];
    case 'trace':
      return [recordStep(number, action.value, context)];
    case 'print':
      return [{ ...recordStep(number, action.value, context), target: action.pointer ?? 0 }];
    case 'tracemem':
      return [
        recordStep(number, action.value, context),
        ...(action.size ? [recordStep(number + 1, action.size, context)] : []),
      ];
    case 'registers':
      return [step(STEPS.recordRegisters, number, { offset: action.field.offset })];
    case 'disasm':
      return [{ ...recordStep(number, action.value, context), op: STEPS.recordCode }];
    case 'printf':
      return formattedSteps(number, action.values, context);
    case 'system':
    case 'freopen':
      return [...formattedSteps(number, action.values, context), library];
    case 'aggregate':
      return aggregateSteps(program, action, context);
    case 'stack':
    case 'ustack':
    case 'jstack':
      return [stackStep(STEPS.recordStack, number, action.kind, action.field)];
    case 'exit': {
      const { difo, field } = action.value;
      return [
        step(STEPS.exit, number, {
          difo: context.prepare(difo),
          offset: field.offset,
          sizeBytes: field.sizeBytes,
        }),
      ];
    }
    case 'speculate':
    case 'commit':
    case 'discard':
      return [step(STEPS[action.kind], number, { difo: context.prepare(action.difo) })];
    case 'trunc':
    case 'normalize':
      return [...(action.value ? [recordStep(number, action.value, context)] : []), library];
    case 'printa':
    case 'clear':
    case 'denormalize':
    case 'setopt':
    case 'ftruncate':
      return [library];
    case 'stop':
    case 'breakpoint':
    case 'panic':
    case 'pcap':
      return [step(STEPS.noGuest, number, { target: LIVE_ONLY.indexOf(action.kind) })];
    case 'raise':
    case 'chill':
      return [
        step(STEPS[action.kind], number, {
          difo: context.prepare(action.difo),
          target: LIVE_ONLY.indexOf(action.kind),
        }),
      ];
  }
}

function formattedSteps(number: number, values: readonly FormattedValue[], context: StepContext): Step[] {
  return values.map((value, i) =>
    isStack(value)
      ? stackStep(STEPS.recordStack, number + i, value.kind, value.field)
      : recordStep(number + i, value, context),
  );
}

function aggregateSteps(
  program: Program,
  action: Extract<Action, { kind: 'aggregate' }>,
  context: StepContext,
): Step[] {
  const shapes = program.aggregations.find(({ id }) => id === action.aggregation)?.keys ?? [];
  const keys = action.keys.map((key, i) => keyStep(action.number + i, key, shapes[i], context));
  const update = step(STEPS.aggregate, action.number + keys.length, {
    difo: action.value && context.prepare(action.value),
    increment: action.increment && context.prepare(action.increment),
    table: context.table(action.aggregation),
  });
  return [step(STEPS.startKey, action.number, {}), ...keys, update];
}

/** Keys are converted to the type of the aggregation's first use, which `shape` is. */
function keyStep(
  number: number,
  key: AggregationKey,
  shape: ValueShape | undefined,
  context: StepContext,
): Step {
  if (key.kind !== 'value') {
    return stackStep(STEPS.keyStack, number, key.kind, { offset: 0, sizeBytes: key.frames * 8 });
  }
  const { kind, sizeBytes, type } = shape ?? key.difo.result;
  if (type.kind === 'symaddr' || type.kind === 'usymaddr') {
    const target = type.shows === 'mod' || type.shows === 'umod' ? 1 : 0;
    const op = type.shows === 'uaddr' ? STEPS.keyInt : STEPS.keySymbol; // uaddr() shows offsets, so it keeps them
    return step(op, number, { difo: context.prepare(key.difo), target });
  }
  const op = kind === 'string' ? STEPS.keyText : kind === 'bytes' ? STEPS.keyBytes : STEPS.keyInt;
  const narrowing = narrowingOf(shape ?? key.difo.result);
  return step(op, number, { difo: context.prepare(key.difo), sizeBytes, narrowing });
}

function recordStep(number: number, { difo, field }: RecordedValue, context: StepContext): Step {
  const { kind } = field.shape;
  const op = kind === 'string' ? STEPS.recordText : kind === 'bytes' ? STEPS.recordBytes : STEPS.recordInt;
  return step(op, number, {
    difo: context.prepare(difo),
    offset: field.offset,
    sizeBytes: field.sizeBytes,
  });
}

function stackStep(
  op: number,
  number: number,
  kind: 'stack' | 'ustack' | 'jstack',
  { offset, sizeBytes }: Pick<RecordField, 'offset' | 'sizeBytes'>,
): Step {
  return step(op, number, { offset, sizeBytes, target: kind === 'stack' ? 0 : 1 });
}

function step(op: number, number: number, more: Partial<Omit<Step, 'op' | 'number'>>): Step {
  return {
    op,
    number,
    difo: more.difo,
    increment: more.increment,
    offset: more.offset ?? 0,
    sizeBytes: more.sizeBytes ?? 0,
    narrowing: more.narrowing ?? 0,
    table: more.table,
    target: more.target ?? 0,
  };
}
