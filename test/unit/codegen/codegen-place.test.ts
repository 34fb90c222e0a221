/** Places that hold bytes: strings, structs, bit-fields, elements that do not exist yet; and calls. */
import { describe, expect, test } from 'vitest';
import type { Place, TypedExpr } from '../../../src/check/typed.ts';
import { generate } from '../../../src/codegen/generate.ts';
import { Diagnostics } from '../../../src/diag/diagnostics.ts';
import type { Action, UserVariable } from '../../../src/dif/program.ts';
import { plainShape } from '../../../src/dif/shape-text.ts';
import { SUBROUTINES } from '../../../src/dif/subroutines.ts';
import { verifyProgram } from '../../../src/dif/verify.ts';
import { DifMachine } from '../../support/dif-executor.ts';
import {
  arithmetic,
  assign,
  builtin,
  byReference,
  byValue,
  call,
  clause,
  comma,
  compare,
  element,
  INT32,
  INT64,
  int,
  load,
  memory,
  STRING,
  scalar,
  str,
  trace,
  typedProgram,
  UINT8,
  update,
  variable,
} from '../../support/typed-tree.ts';

const STRUCT = plainShape('bytes', 16, false);
const COUNT = variable('count', 0);
const NAME = variable('name', 1, STRING);
const STRUCT_A = variable('a', 2, STRUCT);
const STRUCT_B = variable('b', 3, STRUCT);
const ELEMENTS = variable('x', 4, STRUCT, 'global', [INT64]);
const COUNTS = variable('n', 5, INT64, 'global', [INT64]);
const BY_NAME = variable('named', 6, INT64, 'thread', [STRING, STRUCT]);
const SELF = variable('s', 7, STRUCT, 'thread');
const VARIABLES: readonly UserVariable[] = [COUNT, NAME, STRUCT_A, STRUCT_B, ELEMENTS, COUNTS, BY_NAME, SELF];

/** Run expressions one after another in one clause; the value of each. */
function run(exprs: readonly TypedExpr[], machine = new DifMachine(VARIABLES)): readonly (bigint | string)[] {
  const diags = new Diagnostics();
  const program = generate(
    typedProgram([clause(exprs.map((expr) => trace(expr)))], { variables: VARIABLES }),
    diags,
  );
  expect(diags.list).toEqual([]);
  expect(verifyProgram(program)).toEqual([]);
  return (program.clauses[0]?.actions ?? []).map((action: Action) => {
    if (action.kind !== 'trace') throw new Error(action.kind);
    return machine.run(action.value.difo);
  });
}

const count = scalar(COUNT);
const increment = (place: Place): TypedExpr => update(place, 'add', int(1n), 'old');

describe('keys', () => {
  test('are evaluated once by an update: x[count++] += 1', () => {
    const place = element(COUNTS, byValue(increment(count)));
    const zeroth = load(element(COUNTS, byValue(int(0n))));
    expect(run([update(place, 'add', int(5n)), load(count), zeroth])).toEqual([5n, 1n, 5n]);
  });

  test('may themselves need the tuple stack: n[n[7] + strlen("ab")]', () => {
    const inner = arithmetic(
      'add',
      load(element(COUNTS, byValue(int(7n)))),
      call('strlen', byReference(str('ab'))),
    );
    const seven = assign(element(COUNTS, byValue(int(7n))), int(40n));
    const outer = element(COUNTS, byValue(inner));
    const forty2 = load(element(COUNTS, byValue(int(42n))));
    expect(run([seven, assign(outer, int(9n)), forty2])).toEqual([40n, 9n, 9n]);
  });

  test('are strings and bytes as well as integers', () => {
    const key = (text: string): Place =>
      element(BY_NAME, byReference(str(text)), byReference(load(scalar(STRUCT_A))));
    const make = assign(scalar(STRUCT_A), call('alloca', byValue(int(16n))));
    const values = run([
      make,
      assign(key('p'), int(1n)),
      assign(key('q'), int(2n)),
      load(key('p')),
      load(key('q')),
    ]);
    expect(values.slice(1)).toEqual([1n, 2n, 1n, 2n]);
  });
});

describe('structs', () => {
  const member = (row: UserVariable, offset: bigint): Place =>
    memory(arithmetic('add', load(scalar(row)), int(offset)), INT32);
  const make = (row: UserVariable): TypedExpr => assign(scalar(row), call('alloca', byValue(int(16n))));

  test('copy from variable to variable', () => {
    const values = run([
      make(STRUCT_A),
      assign(member(STRUCT_A, 4n), int(-5n)),
      assign(scalar(STRUCT_B), load(scalar(STRUCT_A))),
      assign(member(STRUCT_A, 4n), int(6n)),
      load(member(STRUCT_B, 4n)),
    ]);
    expect(values.at(-1)).toBe(-5n);
  });

  test('copy through a pointer', () => {
    const pointer = call('alloca', byValue(int(16n)));
    const target = scalar(COUNT); // holds the address
    const values = run([
      make(STRUCT_A),
      assign(member(STRUCT_A, 8n), int(77n)),
      assign(target, pointer),
      assign(memory(load(target), STRUCT), load(scalar(STRUCT_A))),
      load(memory(arithmetic('add', load(target), int(8n)), INT32)),
    ]);
    expect(values.at(-1)).toBe(77n);
  });

  test('a store to a member makes the element exist, zeroed, and evaluates its key once', () => {
    const holder = element(ELEMENTS, byValue(increment(count)));
    const place = memory(arithmetic('add', load(holder), int(4n)), INT32, {
      within: { place: holder, sizeBytes: 16 },
    });
    const at = (offset: bigint): TypedExpr =>
      load(memory(arithmetic('add', load(element(ELEMENTS, byValue(int(0n)))), int(offset)), INT32));
    expect(run([assign(place, int(3n)), load(count), at(4n), at(0n)])).toEqual([3n, 1n, 3n, 0n]);
  });

  test('a second store to a member keeps the others', () => {
    const holder = scalar(SELF);
    const at = (offset: bigint): Place =>
      memory(arithmetic('add', load(holder), int(offset)), INT32, {
        within: { place: holder, sizeBytes: 16 },
      });
    expect(run([assign(at(0n), int(1n)), assign(at(4n), int(2n)), load(at(0n)), load(at(4n))])).toEqual([
      1n,
      2n,
      1n,
      2n,
    ]);
  });
});

describe('bit-fields', () => {
  const machine = (): { machine: DifMachine; address: bigint } => {
    const one = new DifMachine(VARIABLES);
    return { machine: one, address: one.allocate(8) };
  };
  const field = (address: bigint, offset: number, width: number, signed: boolean): Place =>
    memory(int(address), plainShape('int', 4, signed), { bits: { offset, width } });

  test('store their bits and leave the neighbours', () => {
    const { machine: one, address } = machine();
    one.write(address, 0xffffffffn, 4);
    expect(run([assign(field(address, 3, 5, false), int(0x52n))], one)).toEqual([0x12n]);
    expect(one.read(address, 4, false).toString(16)).toBe('ffffff97');
  });

  test('are extended by their own width and sign', () => {
    const { machine: one, address } = machine();
    one.write(address, 0b10110_000n, 4);
    expect(run([load(field(address, 3, 5, false)), load(field(address, 3, 5, true))], one)).toEqual([
      22n,
      -10n,
    ]);
  });

  test('wrap when they are updated', () => {
    const { machine: one, address } = machine();
    one.write(address, 0b111n, 4);
    expect(run([increment(field(address, 0, 3, false)), load(field(address, 0, 3, false))], one)).toEqual([
      7n,
      0n,
    ]);
    one.write(address, 0b011n, 4);
    expect(run([update(field(address, 0, 3, true), 'add', int(1n))], one)).toEqual([-4n]);
  });
});

describe('memory', () => {
  test.each([
    [1, true, -2n],
    [1, false, 0xfen],
    [2, true, -2n],
    [2, false, 0xfffen],
    [4, true, -2n],
    [4, false, 0xfffffffen],
    [8, true, -2n],
  ])('%i bytes, signed %s', (sizeBytes, signed, value) => {
    const machine = new DifMachine(VARIABLES);
    const place = memory(int(machine.allocate(16)), plainShape('int', sizeBytes, signed));
    expect(run([assign(place, int(-2n)), load(place)], machine)).toEqual([value, value]);
  });

  test('a string is copied with its NUL, and cut to what sizeof (string) holds', () => {
    const machine = new DifMachine(VARIABLES);
    const address = machine.allocate(80);
    const place = memory(int(address), STRING);
    run([assign(place, str('longer'))], machine);
    run([assign(place, str('abc'))], machine);
    expect(machine.textAt(address)).toBe('abc');
    run([assign(place, str('y'.repeat(70)))], machine);
    expect(machine.textAt(address)).toBe('y'.repeat(62));
    run([assign(place, int(0n))], machine);
    expect(machine.textAt(address)).toBe('');
  });
});

describe('strings', () => {
  test('compare by their bytes, NULL as the empty string', () => {
    const relation = (left: TypedExpr, right: TypedExpr): TypedExpr => compare('lt', 'string', left, right);
    expect(
      run([relation(str('a'), str('b')), relation(str('b'), str('a')), relation(int(0n), str('a'))]),
    ).toEqual([1n, 0n, 1n]);
  });

  test('calls may be arguments of calls', () => {
    const machine = new DifMachine(VARIABLES);
    const ab = call('strjoin', byReference(str('a')), byReference(str('b')));
    const abab = call('strjoin', byReference(ab), byReference(ab));
    const [address] = run([comma(assign(scalar(NAME), abab), load(scalar(NAME)))], machine);
    expect(machine.textAt(address as bigint)).toBe('abab');
    expect(machine.calls.map(({ id, args }) => [id, args.length])).toEqual(
      new Array(3).fill([SUBROUTINES.strjoin.id, 2]),
    );
  });
});

describe('built-ins', () => {
  test('are loaded by id, arrays by index', () => {
    const machine = new DifMachine(VARIABLES);
    machine.builtins.set(0x106, 9n);
    machine.arrays.set('0/2', 11n);
    expect(
      run([load(builtin(0x106)), load(builtin(0, int(2n))), load(builtin(0, int(0n), UINT8))], machine),
    ).toEqual([9n, 11n, 0n]);
  });
});

describe('limits', () => {
  const nested = (depth: number): TypedExpr =>
    depth === 0 ? load(count) : arithmetic('add', load(count), nested(depth - 1));
  const tags = (expr: TypedExpr): readonly string[] => {
    const diags = new Diagnostics();
    generate(typedProgram([clause([trace(expr)])], { variables: VARIABLES }), diags);
    return diags.list.map((diagnostic) => diagnostic.tag);
  };

  test('31 registers are enough for 30 pending operands, not for 31', () => {
    expect(run([nested(30)])).toEqual([0n]);
    expect(tags(nested(31))).toEqual(['D_NOREG']);
  });

  test('a chain needs two registers however long it is', () => {
    let chain: TypedExpr = load(count);
    for (let i = 0; i < 20000; i++) chain = arithmetic('add', chain, int(2n));
    expect(run([chain])).toEqual([40000n]);
  });

  test('the string table ends where its offsets do', () => {
    expect(tags(str('x'.repeat(65535)))).toEqual([]);
    expect(tags(str('x'.repeat(65536)))).toEqual(['D_STRTAB_FULL']);
  });

  test('16 keys are enough, 17 too many', () => {
    const keyed = (keys: number): readonly string[] => {
      const wide = variable('wide', 9, INT64, 'global', new Array(keys).fill(INT64));
      return tags(load(element(wide, ...new Array(keys).fill(byValue(int(1n))))));
    };
    expect(keyed(16)).toEqual([]);
    expect(keyed(17)).toEqual(['D_NOREG']);
  });

  test('an expression of more instructions than fit is reported', () => {
    let chain: TypedExpr = load(count);
    for (let i = 0; i < 40000; i++) chain = arithmetic('add', chain, int(2n));
    expect(tags(chain)).toEqual(['D_DIFO_SIZE']);
  });
});
