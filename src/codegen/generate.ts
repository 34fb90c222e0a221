/**
 * Code generation: typed tree → Program.
 *
 *   TypedClause ──▶ actions in order, numbered ──▶ one Difo per expression      expression.ts, place.ts, emitter.ts
 *                 └▶ fields of the record      ──▶ RecordLayout                 record-builder.ts
 *
 * The typed tree has answered every question of meaning, so nothing here can be the user's mistake but size: an
 * expression that needs too many registers or constants is reported, and an empty one put in its place so that the
 * rest can be reported too. Programs that were reported on must not run. What is generated passes dif/verify.ts.
 *
 * Actions are numbered from 1, one number per expression evaluated (d-language.md 9.5); `if` becomes a branch over
 * the actions of its arms, always forward.
 */
import { assertNever } from '../base/assert.ts';
import type {
  TypedAction,
  TypedClause,
  TypedExpr,
  TypedKey,
  TypedProgram,
  TypedStack,
  TypedStatement,
} from '../check/typed.ts';
import type { Diagnostics } from '../diag/diagnostics.ts';
import { physicalPosition } from '../diag/span.ts';
import type { Tag } from '../diag/tags.ts';
import { numbersTaken } from '../dif/action-facts.ts';
import { ACTIONS } from '../dif/actions.ts';
import { encode } from '../dif/encode.ts';
import { codeRecordBytes, REGISTERS_BYTES } from '../dif/inspected.ts';
import type {
  Action,
  AggregationKey,
  Clause,
  Difo,
  Program,
  RecordedStack,
  RecordedValue,
  ValueShape,
} from '../dif/program.ts';
import { plainShape } from '../dif/shape-text.ts';
import type { EmitFailure } from './emitter.ts';
import { type ExpressionResult, generateEffect, generateNarrowed, generateValue } from './expression.ts';
import { RecordBuilder } from './record-builder.ts';

/** Values that only decide something: predicates, conditions, speculation ids. */
const WORD = plainShape('int', 8, true);
const NOTHING = plainShape('void', 0, false);

/** What to report of an expression that is too big; D_NOREG has two wordings. */
const FAILURES: Readonly<Record<EmitFailure, { tag: Tag; message: string; hint?: string }>> = {
  registers: {
    tag: 'D_NOREG',
    message: 'Insufficient registers to generate code',
    hint: 'split the expression: assign part of it to a this-> variable first',
  },
  tuple: {
    tag: 'D_NOREG',
    message: 'Insufficient tuple registers to generate code',
    hint: 'use fewer keys or arguments',
  },
  integers: { tag: 'D_INTTAB_FULL', message: '' },
  strings: { tag: 'D_STRTAB_FULL', message: '' },
  code: { tag: 'D_DIFO_SIZE', message: '' },
};

/** Stands where code could not be generated; the program is never run. */
const returnZero = () => ({
  code: Uint32Array.of(encode('ret', [0])),
  integers: new BigInt64Array(),
  strings: new Uint8Array(),
});

type Unnumbered<T> = T extends unknown ? Omit<T, 'number'> : never;
type NewAction = Unnumbered<Action>;
type Generator = (expr: TypedExpr, result: ValueShape, strsize: number) => ExpressionResult;

/** A clause while it is being generated. */
interface ClauseState {
  readonly typed: TypedProgram;
  readonly diags: Diagnostics;
  readonly actions: Action[];
  readonly record: RecordBuilder;
  nextNumber: number;
}

/** A program that was reported on already is not generated: its tree has holes. */
export function generate(typed: TypedProgram, diags: Diagnostics): Program {
  const clauses = diags.failed ? [] : typed.clauses;
  return {
    name: typed.name,
    clauses: clauses.map((clause, index) => generateClause(typed, diags, clause, index)),
    variables: typed.variables,
    aggregations: typed.aggregations,
    needs: typed.needs,
    destructive: typed.destructive,
    ...(typed.stability === undefined ? {} : { stability: typed.stability }),
    strsize: typed.strsize,
  };
}

function generateClause(typed: TypedProgram, diags: Diagnostics, clause: TypedClause, index: number): Clause {
  const record = new RecordBuilder(typed.strsize);
  const state: ClauseState = { typed, diags, actions: [], record, nextNumber: 1 };
  const predicate = clause.predicate && difo(state, generateValue, clause.predicate, WORD);
  addStatements(state, clause.body);
  const { actions } = state;
  return {
    index,
    patterns: clause.patterns,
    predicate,
    actions,
    layout: record.layout(
      actions.length,
      actions.some((action) => action.kind === 'branch'),
    ),
    records: leavesRecord(clause, actions),
    line: physicalPosition(clause.span.text, clause.span.start).line,
    ...(clause.readsMemory && { readsMemory: true }),
  };
}

/** d-language.md 6.2: an empty body and a lone speculate() record their bare line. */
function leavesRecord(clause: TypedClause, actions: readonly Action[]): boolean {
  if (!clause.hasStatements) return true;
  if (actions.length === 1 && actions[0]?.kind === 'speculate') return true;
  return actions.some(({ kind }) => {
    const name = kind === 'registers' ? 'print' : kind; // what the program calls it
    return Object.hasOwn(ACTIONS, name) && ACTIONS[name as keyof typeof ACTIONS].records !== 'none';
  });
}

function addStatements(state: ClauseState, statements: readonly TypedStatement[]): void {
  for (const statement of statements) {
    if (statement.kind === 'if') addIf(state, statement);
    else add(state, statementAction(state, statement));
  }
}

/** Append an action under the next number; returns its index. */
function add(state: ClauseState, action: NewAction): number {
  const numbered = { ...action, number: state.nextNumber } as Action;
  state.nextNumber += numbersTaken(numbered);
  return state.actions.push(numbered) - 1;
}

/** The branch and the jump are added before their targets are known, and put right when they are. */
function addIf(state: ClauseState, statement: Extract<TypedStatement, { kind: 'if' }>): void {
  const { actions } = state;
  const condition = difo(state, generateValue, statement.condition, WORD);
  const branch = add(state, { kind: 'branch', difo: condition, whenFalse: 0 });
  addStatements(state, statement.then);
  const jump = statement.otherwise.length > 0 ? add(state, { kind: 'jump', to: 0 }) : undefined;
  const number = actions[branch]?.number ?? 0;
  actions[branch] = { kind: 'branch', number, difo: condition, whenFalse: actions.length };
  if (jump === undefined) return;
  addStatements(state, statement.otherwise);
  actions[jump] = { kind: 'jump', number: actions[jump]?.number ?? 0, to: actions.length };
}

function statementAction(state: ClauseState, statement: Exclude<TypedStatement, { kind: 'if' }>): NewAction {
  switch (statement.kind) {
    case 'expression':
      return { kind: 'expression', difo: difo(state, generateEffect, statement.expr, NOTHING) };
    case 'aggregate':
      return aggregateAction(state, statement);
    default:
      return typedAction(state, statement);
  }
}

function typedAction(state: ClauseState, action: TypedAction): NewAction {
  switch (action.kind) {
    case 'trace':
    case 'exit':
      return { kind: action.kind, value: recorded(state, action.expr, action.shape) };
    case 'print': {
      const value = recorded(state, action.expr, action.shape);
      // Behind the value, so that its offset is not 0.
      return action.pointed
        ? { kind: 'print', value, pointer: state.record.field(WORD).offset }
        : { kind: 'print', value };
    }
    case 'tracemem':
      return {
        kind: 'tracemem',
        value: recorded(state, action.expr, plainShape('bytes', action.sizeBytes, false)),
        size: action.dynamicSize && recorded(state, action.dynamicSize, WORD),
      };
    case 'registers':
      return { kind: 'registers', field: state.record.field(plainShape('bytes', REGISTERS_BYTES, false)) };
    case 'disasm':
      return {
        kind: 'disasm',
        value: recorded(state, action.expr, plainShape('bytes', codeRecordBytes(action.count), false)),
        count: action.count,
      };
    case 'printf':
    case 'system':
    case 'freopen': {
      const values = action.values.map((value) =>
        'expr' in value ? recorded(state, value.expr, value.shape) : recordedStack(state, value),
      );
      return { kind: action.kind, format: action.format, values };
    }
    case 'stack':
    case 'ustack':
    case 'jstack':
      return recordedStack(state, action);
    case 'speculate':
    case 'commit':
    case 'discard':
    case 'raise':
    case 'chill':
      return { kind: action.kind, difo: difo(state, generateValue, action.expr, WORD) };
    case 'trunc':
    case 'normalize': {
      const value = action.expr && recorded(state, action.expr, action.shape ?? WORD);
      return { kind: action.kind, aggregation: action.aggregation, value };
    }
    case 'printa':
    case 'clear':
    case 'denormalize':
    case 'setopt':
    case 'ftruncate':
    case 'stop':
    case 'breakpoint':
    case 'panic':
    case 'pcap':
      return action;
    default:
      return assertNever(action, 'codegen');
  }
}

function aggregateAction(
  state: ClauseState,
  statement: Extract<TypedStatement, { kind: 'aggregate' }>,
): NewAction {
  const shape = state.typed.aggregations[statement.aggregation]?.value ?? WORD;
  return {
    kind: 'aggregate',
    aggregation: statement.aggregation,
    keys: statement.keys.map((key) => aggregationKey(state, key)),
    value: statement.value && difo(state, generateValue, statement.value, shape),
    increment: statement.increment && difo(state, generateValue, statement.increment, WORD),
  };
}

function aggregationKey(state: ClauseState, key: TypedKey): AggregationKey {
  if (key.kind !== 'value') return key;
  return { kind: 'value', difo: difo(state, generateNarrowed, key.expr, key.shape) };
}

function recorded(state: ClauseState, expr: TypedExpr, shape: ValueShape): RecordedValue {
  return { difo: difo(state, generateValue, expr, shape), field: state.record.field(shape) };
}

function recordedStack(state: ClauseState, { kind, frames, shape }: TypedStack): RecordedStack {
  return { kind, frames, field: state.record.field(shape) };
}

/** Generate one expression; what is too big is reported, and stands as code that returns 0. */
function difo(state: ClauseState, generator: Generator, expr: TypedExpr, result: ValueShape): Difo {
  const generated = generator(expr, result, state.typed.strsize);
  if ('difo' in generated) return generated.difo;
  const { tag, message, hint } = FAILURES[generated.failure];
  state.diags.report(tag, expr.span, { message }, hint === undefined ? {} : { hint });
  return { ...returnZero(), result };
}
