/** One smallest offender per rule of dif/verify.ts, written as DIF text; and its nearest neighbour that is accepted. */
import { describe, expect, test } from 'vitest';
import { assemble } from '../../../src/dif/assemble.ts';
import type {
  Action,
  Aggregation,
  Clause,
  Difo,
  Program,
  UserVariable,
  ValueShape,
} from '../../../src/dif/program.ts';
import { plainShape } from '../../../src/dif/shape-text.ts';
import { verify, verifyProgram } from '../../../src/dif/verify.ts';
import { limitsOf, MAX_INSTRUCTIONS } from '../../../src/dif/verify-limits.ts';

const INT = plainShape('int', 8, true);
const STRING = plainShape('string', 0, false);
const PAIR = plainShape('bytes', 16, false);
const VARIABLES: readonly UserVariable[] = [
  { id: 0x500, name: 'n', scope: 'global', keys: undefined, value: INT },
  { id: 0x501, name: 'a', scope: 'global', keys: [STRING, PAIR], value: INT },
  { id: 0x500, name: 't', scope: 'thread', keys: undefined, value: INT },
];
const PROGRAM = program([]);

function difo(source: string): Difo {
  const result = assemble(source);
  if ('error' in result) throw new Error(`line ${result.line}: ${result.error}`);
  return result;
}

function rules(source: string): readonly string[] {
  return verify(difo(source), limitsOf(PROGRAM)).map((rejection) => rejection.rule);
}

describe('V1 to V15: one DIFO', () => {
  test.each([
    ['V1', ''],
    ['V2', '.word 0x40000000\nret %r0'],
    ['V2', '.word 0x2b000001\nret %r0'],
    ['V3', 'setx 1, %r32\nret %r0'],
    ['V3', 'ret %r32'],
    ['V4', 'setx 1, %r0\nret %r0'],
    ['V5', '.word 0x24000001\nret %r0'],
    ['V6', 'nop\nba 1\nret %r0'],
    ['V6', 'nop\nba 0\nret %r0'],
    ['V6', 'ba 2\nret %r0'],
    ['V7', 'setx DT_INTEGER[1], %r1\nret %r1\nDT_INTEGER[0] = 5'],
    ['V8', 'sets DT_STRING[2], %r1\nret %r1\nDT_STRING[0] = "a"'],
    ['V9', 'ldgs DT_VAR(0x502), %r1\nret %r1'],
    ['V9', 'ldgs DT_VAR(0x501), %r1\nret %r1'],
    ['V9', 'ldgaa DT_VAR(0x500), %r1\nret %r1'],
    ['V9', 'ldls DT_VAR(0x500), %r1\nret %r1'],
    ['V9', 'stgs timestamp, %r0\nret %r0'],
    ['V9', 'ldgs args, %r1\nret %r1'],
    ['V9', 'ldga DT_VAR(1), %r0, %r1\nret %r1'],
    ['V10', 'call DIF_SUBR(99), %r1\nret %r1'],
    ['V11', 'setx 1, %r1'],
    ['V12', 'ret %r1'],
    ['V12', 'tst %r0\nbe 3\nsetx 1, %r1\nret %r1'],
    ['V12', 'be 1\nret %r0'],
    ['V13', 'popts\nret %r0'],
    ['V13', `${'pushtv DT_TYPE(0), %r0, %r0\n'.repeat(17)}flushts\nret %r0`],
    ['V13', 'tst %r0\nbe 3\npushtv DT_TYPE(0), %r0, %r0\nret %r0'],
    ['V13', 'call strlen, %r1\nret %r1'],
    ['V13', 'pushtv DT_TYPE(0), %r0, %r0\nldgaa DT_VAR(0x501), %r1\nret %r1'],
    [
      'V13',
      'pushtr DT_TYPE(1), %r0, %r0\nsetx 8, %r1\npushtr DT_TYPE(0), %r1, %r0\nldgaa DT_VAR(0x501), %r1\nret %r1',
    ],
    ['V14', 'pushtr DT_TYPE(2), %r0, %r0\nret %r0'],
    ['V14', 'setx 1, %r1\npushtv DT_TYPE(0), %r1, %r1\nret %r0'],
    ['V14', 'ldgs timestamp, %r1\npushtr DT_TYPE(0), %r1, %r1\nret %r0'],
    ['V14', 'setx 16385, %r1\npushtr DT_TYPE(0), %r1, %r1\nret %r0'],
    ['V15', 'DIFO 0 returns D type (integer) (size 3)\nret %r0'],
    ['V15', 'DIFO 0 returns D type (struct) by ref (size 16385)\nret %r0'],
    ['V15', 'DIFO 0 returns D type (stack) (size 40)\nret %r0'],
  ])('%s refuses %j', (rule, source) => {
    expect([...new Set(rules(source))]).toEqual([rule]);
  });

  test.each([
    'ret %r0',
    'setx 1, %r31\nret %r31',
    'tst %r0\nbe 3\nnop\nret %r0',
    'sets DT_STRING[1], %r1\nret %r1\nDT_STRING[0] = "a"',
    'ldgs rip, %r1\nstgs DT_VAR(0x500), %r1\nstts DT_VAR(0x500), %r0\nret %r0',
    'ldga args, %r0, %r1\nret %r1',
    'tst %r0\nbe 4\nsetx 1, %r1\nba 5\nsetx 2, %r1\nret %r1',
    `${'pushtv DT_TYPE(0), %r0, %r0\n'.repeat(16)}flushts\nret %r0`,
    'pushtr DT_TYPE(1), %r0, %r0\nsetx 16, %r1\npushtr DT_TYPE(0), %r1, %r0\nldgaa DT_VAR(0x501), %r1\nret %r1',
    'pushtr DT_TYPE(1), %r0, %r0\npushtv DT_TYPE(0), %r0, %r0\ncall index, %r1\nflushts\nret %r1',
    'DIFO 0 returns D type (struct) by ref (size 16384)\nret %r0',
  ])('%j is accepted', (source) => {
    expect(rules(source)).toEqual([]);
  });

  test('V1 at its edge: the longest object is accepted, one instruction more is not', () => {
    const nop = 0x24000000;
    const long = (count: number): Difo => {
      const code = new Uint32Array(count).fill(nop);
      code[count - 1] = 0x23000000;
      return { ...difo('ret %r0'), code };
    };
    expect(verify(long(MAX_INSTRUCTIONS), limitsOf(PROGRAM))).toEqual([]);
    expect(verify(long(MAX_INSTRUCTIONS + 1), limitsOf(PROGRAM))[0]?.rule).toBe('V1');
  });

  test('a rejection tells where and shows the instruction', () => {
    expect(verify(difo('nop\nmov %r5, %r1\nret %r1'), limitsOf(PROGRAM))).toEqual([
      {
        rule: 'V12',
        where: '',
        pc: 1,
        instruction: 'mov  %r5, %r1',
        message: 'register 5 is read but not written on every way here',
      },
    ]);
  });
});

function program(clauses: readonly Clause[], aggregations: readonly Aggregation[] = []): Program {
  return {
    name: 'test',
    clauses,
    variables: VARIABLES,
    aggregations,
    needs: {
      cpl: false,
      errcode: false,
      pc: false,
      sp: false,
      faddr: false,
      time: false,
      line: false,
      registers: false,
      args: false,
      registerColumns: [],
    },
    destructive: [],
    strsize: 256,
  };
}

function clause(actions: readonly Action[], payloadBytes: number, taken?: number): Clause {
  return {
    index: 0,
    patterns: [],
    predicate: undefined,
    actions,
    layout: { payloadBytes, taken },
    records: true,
    line: 1,
  };
}

const ZERO = difo('ret %r0');

function traceAt(number: number, offset: number, sizeBytes = 8): Action {
  return { kind: 'trace', number, value: { difo: ZERO, field: { offset, shape: INT, sizeBytes } } };
}

/** printf() of a stack `frames` deep, into a field of `sizeBytes`, and of an integer. */
function printfOfStack(
  frames: number,
  sizeBytes: number,
  shape: ValueShape = plainShape('stack', sizeBytes, false),
): Action {
  const stack = { kind: 'stack', frames, field: { offset: 8, shape, sizeBytes } } as const;
  const integer = { difo: ZERO, field: { offset: 0, shape: INT, sizeBytes: 8 } };
  return { kind: 'printf', number: 1, format: { pieces: [] }, values: [stack, integer] };
}

const COUNT: Aggregation = {
  id: 0,
  name: 'a',
  func: 'count',
  keys: [INT],
  value: INT,
  params: { kind: 'none' },
};
const KEY = { kind: 'value', difo: ZERO } as const;
const AGGREGATE = {
  kind: 'aggregate',
  number: 1,
  aggregation: 0,
  value: undefined,
  increment: undefined,
} as const;

describe('V16 to V21: a clause', () => {
  const programRules = (one: Clause): readonly string[] =>
    verifyProgram(program([one], [COUNT])).map((rejection) => rejection.rule);

  test.each<[string, Clause]>([
    ['V16', clause([{ kind: 'branch', number: 1, difo: ZERO, whenFalse: 0 }], 8, 0)],
    ['V16', clause([{ kind: 'branch', number: 1, difo: ZERO, whenFalse: 2 }], 8, 0)],
    ['V16', clause([{ kind: 'jump', number: 1, to: 0 }], 8, 0)],
    ['V17', clause([traceAt(1, 8)], 8)],
    ['V17', clause([traceAt(1, 4)], 16)],
    ['V17', clause([traceAt(1, 0), traceAt(2, 0)], 16)],
    ['V17', clause([{ kind: 'branch', number: 1, difo: ZERO, whenFalse: 2 }, traceAt(2, 0)], 8, 0)],
    ['V18', clause([traceAt(1, 0)], 12)],
    ['V18', clause([{ kind: 'branch', number: 1, difo: ZERO, whenFalse: 1 }], 8)],
    ['V19', clause([{ kind: 'clear', number: 1, aggregation: 1 }], 0)],
    ['V19', clause([{ ...AGGREGATE, keys: [] }], 0)],
    ['V19', clause([{ ...AGGREGATE, keys: [{ kind: 'stack', frames: 5 }] }], 0)],
    ['V19', clause([{ ...AGGREGATE, keys: [KEY], value: ZERO }], 0)],
    ['V20', clause([traceAt(1, 0, 4)], 8)],
    ['V17', clause([printfOfStack(2, 16)], 16)],
    ['V17', clause([printfOfStack(2, 16), traceAt(3, 16)], 24)],
    ['V20', clause([printfOfStack(3, 16)], 24)],
    ['V20', clause([printfOfStack(0, 0)], 24)],
    ['V20', clause([printfOfStack(1, 8, INT)], 16)],
    ['V21', clause([printfOfStack(2, 16), traceAt(2, 24)], 32)],
    ['V21', clause([traceAt(2, 0)], 8)],
    ['V21', clause([{ ...AGGREGATE, keys: [KEY] }, traceAt(2, 0)], 8)],
    ['V12', clause([{ kind: 'expression', number: 1, difo: difo('ret %r1') }], 0)],
  ])('%s refuses case %#', (rule, one) => {
    expect([...new Set(programRules(one))]).toEqual([rule]);
  });

  test.each<[Clause]>([
    [clause([], 0)],
    [clause([traceAt(1, 8), traceAt(2, 0)], 16)],
    [clause([{ kind: 'branch', number: 1, difo: ZERO, whenFalse: 2 }, traceAt(2, 0)], 16, 8)],
    [clause([{ ...AGGREGATE, keys: [KEY] }, traceAt(3, 0)], 8)],
    [clause([printfOfStack(2, 16), traceAt(3, 24)], 32)],
  ])('case %# is accepted', (one) => {
    expect(programRules(one)).toEqual([]);
  });

  test('a rejected DIFO is named by clause and action', () => {
    const bad = clause([traceAt(1, 0), { kind: 'expression', number: 2, difo: difo('ret %r1') }], 8);
    expect(verifyProgram(program([bad]))[0]?.where).toBe('clause 1, action #2 (expression)');
  });
});
