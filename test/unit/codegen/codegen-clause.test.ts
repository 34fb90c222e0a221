/** Clauses: action numbers, branches, record layouts, and whether a row is printed. */
import { describe, expect, test } from 'vitest';
import type { TypedStatement } from '../../../src/check/typed.ts';
import { generate } from '../../../src/codegen/generate.ts';
import { Diagnostics } from '../../../src/diag/diagnostics.ts';
import type { Clause } from '../../../src/dif/program.ts';
import { plainShape } from '../../../src/dif/shape-text.ts';
import { verifyProgram } from '../../../src/dif/verify.ts';
import {
  assign,
  clause,
  INT32,
  INT64,
  int,
  load,
  STRING,
  scalar,
  statement,
  str,
  trace,
  typedProgram,
  UINT8,
  variable,
} from '../../support/typed-tree.ts';

const N = variable('n', 0);
const FIVE_FRAMES = plainShape('stack', 40, false);
const AGGREGATION = {
  id: 0,
  name: 'a',
  func: 'quantize',
  keys: [INT64, FIVE_FRAMES],
  value: INT64,
  params: { kind: 'none' },
} as const;

function generated(body: readonly TypedStatement[]): Clause {
  const diags = new Diagnostics();
  const typed = typedProgram([clause(body)], { variables: [N], aggregations: [AGGREGATION] });
  const program = generate(typed, diags);
  expect(diags.list).toEqual([]);
  expect(verifyProgram(program)).toEqual([]);
  const [only] = program.clauses;
  if (only === undefined) throw new Error('no clause');
  return only;
}

const data = statement(assign(scalar(N), int(1n)));
const when = (
  then: readonly TypedStatement[],
  otherwise: readonly TypedStatement[] = [],
): TypedStatement => ({
  kind: 'if',
  condition: load(scalar(N)),
  then,
  otherwise,
});
const printf = (...exprs: readonly bigint[]): TypedStatement => ({
  kind: 'printf',
  format: { pieces: [] },
  values: exprs.map((value) => ({ expr: int(value), shape: INT32 })),
});
const aggregate: TypedStatement = {
  kind: 'aggregate',
  aggregation: 0,
  keys: [
    { kind: 'value', expr: int(1n), shape: INT64 },
    { kind: 'stack', frames: 5 },
  ],
  value: int(2n),
  increment: int(3n),
};
const speculate: TypedStatement = { kind: 'speculate', expr: int(1n) };

describe('action numbers', () => {
  const numbers = (body: readonly TypedStatement[]): readonly string[] =>
    generated(body).actions.map((action) => `${action.number} ${action.kind}`);

  test('each expression takes one, a printf without arguments too', () => {
    expect(numbers([printf(), data, printf(1n, 2n, 3n), aggregate, trace(int(1n))])).toEqual([
      '1 printf',
      '2 expression',
      '3 printf',
      '6 aggregate',
      '10 trace',
    ]);
  });

  test('a stack in a printf takes one like any argument', () => {
    const mixed: TypedStatement = {
      kind: 'printf',
      format: { pieces: [] },
      values: [
        { kind: 'ustack', frames: 5, shape: FIVE_FRAMES },
        { expr: int(1n), shape: INT32 },
      ],
    };
    expect(numbers([mixed, data])).toEqual(['1 printf', '3 expression']);
    expect(generated([mixed]).actions[0]).toMatchObject({
      values: [
        { kind: 'ustack', frames: 5, field: { offset: 0, sizeBytes: 40 } },
        { difo: { result: INT32 }, field: { offset: 40, sizeBytes: 4 } },
      ],
    });
  });

  test('so does the condition of an if, but not the jump over else', () => {
    expect(numbers([when([trace(int(1n))], [trace(int(2n))]), data])).toEqual([
      '1 branch',
      '2 trace',
      '3 jump',
      '3 trace',
      '4 expression',
    ]);
  });
});

describe('if', () => {
  const targets = (body: readonly TypedStatement[]): readonly number[] =>
    generated(body).actions.flatMap((action) =>
      action.kind === 'branch' ? [action.whenFalse] : action.kind === 'jump' ? [action.to] : [],
    );

  test('goes on behind its arm', () => {
    expect(targets([when([data, data]), data])).toEqual([3]);
    expect(targets([when([data])])).toEqual([2]);
    expect(targets([when([])])).toEqual([1]);
  });

  test('jumps over else', () => {
    expect(targets([when([data], [data, data]), data])).toEqual([3, 5]);
    expect(targets([when([], [data])])).toEqual([2, 3]);
  });

  test('nests', () => {
    expect(targets([when([when([data], [data])], [data])])).toEqual([6, 4, 5, 7]);
  });
});

describe('record layout', () => {
  const layout = (body: readonly TypedStatement[]) => {
    const { actions, layout: whole } = generated(body);
    const fields = actions.flatMap((action) => {
      if (action.kind === 'trace') return [action.value.field];
      if (action.kind === 'printf') return action.values.map((value) => value.field);
      return action.kind === 'stack' ? [action.field] : [];
    });
    return { ...whole, fields: fields.map((field) => [field.offset, field.sizeBytes]) };
  };

  test('fields are aligned to their size, strings take strsize and a NUL', () => {
    const body = [
      trace(int(1n), UINT8),
      trace(int(1n), INT32),
      trace(str('s'), STRING),
      trace(int(1n), UINT8),
    ];
    expect(layout(body)).toEqual({
      payloadBytes: 80,
      taken: undefined,
      fields: [
        [0, 1],
        [4, 4],
        [8, 64],
        [72, 1],
      ],
    });
  });

  test('stacks take 8 bytes per frame', () => {
    expect(layout([{ kind: 'stack', frames: 5, shape: FIVE_FRAMES }])).toMatchObject({
      payloadBytes: 40,
      fields: [[0, 40]],
    });
  });

  test('branches add a bitmap with a bit per action', () => {
    const body = [when([trace(int(1n))]), ...new Array<TypedStatement>(7).fill(data)];
    expect(layout(body)).toMatchObject({ payloadBytes: 16, taken: 8 });
    expect(generated(body).actions).toHaveLength(9);
  });

  test('nothing recorded is no payload', () => {
    expect(layout([data, aggregate])).toMatchObject({ payloadBytes: 0, taken: undefined });
  });
});

describe('a row is printed', () => {
  test.each<[boolean, string, readonly TypedStatement[]]>([
    [true, 'an empty body', []],
    [false, 'data statements', [data]],
    [false, 'an aggregation', [aggregate]],
    [true, 'a trace among data statements', [data, trace(int(1n))]],
    [true, 'a library action', [{ kind: 'clear', aggregation: 0 }]],
    [true, 'exit', [{ kind: 'exit', expr: int(0n), shape: INT32 }]],
    [true, 'a trace in an arm', [when([trace(int(1n))])]],
    [false, 'an empty arm', [when([])]],
    [true, 'a lone speculate', [speculate]],
    [false, 'speculate and data', [speculate, data]],
    [false, 'commit', [{ kind: 'commit', expr: int(1n) }]],
    [false, 'a destructive action', [{ kind: 'stop' }]],
  ])('%s for %s', (records, _what, body) => {
    expect(generated(body).records).toBe(records);
  });
});
