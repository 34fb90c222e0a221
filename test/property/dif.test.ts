/** Properties of the DIF tools: text and back is the identity; the verifier ends on anything and lets nothing escape. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/dif/assemble.ts';
import { disassemble } from '../../src/dif/disassemble.ts';
import { encode, MNEMONICS, operandFields, variableAccess } from '../../src/dif/encode.ts';
import { type Mnemonic, OPCODES } from '../../src/dif/opcodes.ts';
import type { Difo, UserVariable, ValueShape } from '../../src/dif/program.ts';
import { plainShape } from '../../src/dif/shape-text.ts';
import { verify } from '../../src/dif/verify.ts';
import type { VerifyLimits } from '../../src/dif/verify-limits.ts';
import { DifMachine } from '../support/dif-executor.ts';
import { runInEngine } from '../support/engine-run.ts';

const INT = plainShape('int', 8, true);
const STRING = plainShape('string', 0, false);
const PAIR = plainShape('bytes', 16, false);

function variable(
  id: number,
  scope: UserVariable['scope'],
  value: ValueShape,
  keys?: readonly ValueShape[],
): UserVariable {
  return { id, name: `v${id}`, scope, keys, value };
}

const VARIABLES: readonly UserVariable[] = [
  variable(0x500, 'global', INT),
  variable(0x501, 'global', STRING),
  variable(0x502, 'global', INT, [INT]),
  variable(0x500, 'thread', INT),
  variable(0x501, 'thread', PAIR, [STRING, PAIR]),
  variable(0x500, 'clause', INT),
];
const LIMITS: VerifyLimits = {
  userVariable: (scope, id) => VARIABLES.find((row) => row.id === id && row.scope === scope),
  builtin: (id) => (id === 0 ? 'array' : id >= 0x101 && id < 0x110 ? 'scalar' : undefined),
};
const VARIABLE_IDS = [0x101, 0x500, 0x501, 0x502];
const SUBROUTINE_IDS = [0, 12, 15, 23];

const shapes: fc.Arbitrary<ValueShape> = fc.oneof(
  fc
    .record({ sizeBytes: fc.constantFrom(1, 2, 4, 8), signed: fc.boolean() })
    .map(({ sizeBytes, signed }) => plainShape('int', sizeBytes, signed)),
  fc.integer({ min: 1, max: 16384 }).map((sizeBytes) => plainShape('bytes', sizeBytes, false)),
  fc.constantFrom(STRING, plainShape('void', 0, false), plainShape('symaddr', 8, false)),
);

const stringTables = fc
  .array(fc.uint8Array({ maxLength: 6 }), { maxLength: 4 })
  .map((pieces) => Uint8Array.from(pieces.flatMap((piece) => [...piece, 0])));

describe('text', () => {
  const anyDifo: fc.Arbitrary<Difo> = fc.record({
    code: fc
      .array(fc.oneof(instructionWords(), fc.nat(0xffffffff)), { maxLength: 12 })
      .map((words) => Uint32Array.from(words)),
    integers: fc.bigInt64Array({ maxLength: 5 }),
    strings: stringTables,
    result: shapes,
  });

  test('assemble(disassemble(difo)) is the same object', () => {
    fc.assert(
      fc.property(anyDifo, (difo) => {
        expect(assemble(disassemble(difo))).toEqual(difo);
      }),
    );
  });

  test('assemble answers to any text', () => {
    const words = fc.constantFrom(
      ...MNEMONICS,
      '%r1',
      '[%r1]',
      ',',
      'x:',
      '"',
      '!',
      'DT_STRING[0] = ',
      '\n',
      '5',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((list) => list.join(' ')),
        ),
        (source) => {
          const result = assemble(source);
          expect('code' in result || result.line >= 1).toBe(true);
        },
      ),
    );
  });
});

describe('the verifier', () => {
  test('answers to random bytes', () => {
    fc.assert(
      fc.property(
        fc.uint32Array({ maxLength: 40 }),
        fc.bigInt64Array({ maxLength: 3 }),
        fc.uint8Array({ maxLength: 8 }),
        (code, integers, strings) => {
          const rejections = verify({ code, integers, strings, result: INT }, LIMITS);
          for (const { rule } of rejections) expect(rule).toMatch(/^V\d+$/);
        },
      ),
    );
  });

  test('what it accepts runs to its end and stays inside', () => {
    let accepted = 0;
    fc.assert(
      fc.property(likelyDifos(), (difo) => {
        if (verify(difo, LIMITS).length > 0) return;
        accepted++;
        const machine = new DifMachine(VARIABLES);
        machine.run(difo); // an Escape fails the property; faults are results
        expect(machine.steps).toBeLessThanOrEqual(difo.code.length);
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(300); // else the generator no longer tests anything
  });

  test('what it accepts ends in the engine too, with a value or a fault', () => {
    let accepted = 0;
    fc.assert(
      fc.property(likelyDifos(), (difo) => {
        if (verify(difo, LIMITS).length > 0) return;
        accepted++;
        expect(runInEngine(difo, VARIABLES)).toBeDefined();
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });
});

/** Objects of which about one in five is accepted. */
function likelyDifos(): fc.Arbitrary<Difo> {
  return fc.array(likelyInstructions(), { maxLength: 14 }).map((instructions) => ({
    code: Uint32Array.from([...instructions.flatMap(placed), encode('ret', [1])]),
    integers: BigInt64Array.of(16n, -1n, 7n),
    strings: Uint8Array.of(0x61, 0x62, 0, 0x63, 0),
    result: INT,
  }));
}

/** An instruction of any kind with any operands that fit. */
function instructionWords(): fc.Arbitrary<number> {
  return fc
    .constantFrom(...MNEMONICS)
    .chain((mnemonic) =>
      fc
        .tuple(...operandFields(mnemonic).map((field) => fc.nat(2 ** field.bits - 1)))
        .map((operands) => encode(mnemonic, operands)),
    );
}

interface Likely {
  readonly mnemonic: Mnemonic;
  readonly operands: readonly number[];
}

/** Instructions whose operands are mostly in order, so that many sequences of them are accepted and many nearly so. */
function likelyInstructions(): fc.Arbitrary<readonly Likely[]> {
  const one = fc
    .constantFrom(...MNEMONICS)
    .chain((mnemonic) =>
      fc
        .tuple(...operandFields(mnemonic).map((field) => likelyOperand(mnemonic, field.role)))
        .map((operands) => [{ mnemonic, operands }]),
    );
  return fc.oneof(
    { weight: 3, arbitrary: one },
    { weight: 3, arbitrary: keyed() },
    { weight: 2, arbitrary: start() },
  );
}

function likelyOperand(mnemonic: Mnemonic, role: string): fc.Arbitrary<number> {
  switch (role) {
    case 'read':
      return fc.constantFrom(0, 1, 1, 2);
    case 'write':
      return fc.constantFrom(1, 2, 1, 2, 1, 2, 0, 32);
    case 'label':
      return fc.integer({ min: 0, max: 15 });
    case 'integer':
      return fc.integer({ min: 0, max: 3 });
    case 'string':
      return fc.integer({ min: 0, max: 5 });
    case 'variable':
      return fc.constantFrom(...VARIABLE_IDS.filter((id) => variableAccess(mnemonic) && id < 0x600));
    case 'array':
      return fc.constantFrom(0, 1);
    case 'subroutine':
      return fc.constantFrom(...SUBROUTINE_IDS);
    default:
      return fc.constantFrom(0, 1);
  }
}

/** Whole uses of the tuple stack, which chance alone would hardly hit. */
function keyed(): fc.Arbitrary<readonly Likely[]> {
  return fc.constantFrom<readonly Likely[]>(
    [
      { mnemonic: 'pushtv', operands: [0, 0, 0] },
      { mnemonic: 'ldgaa', operands: [0x502, 1] },
    ],
    [
      { mnemonic: 'sets', operands: [0, 1] },
      { mnemonic: 'pushtr', operands: [1, 0, 1] },
      { mnemonic: 'call', operands: [12, 2] },
      { mnemonic: 'flushts', operands: [] },
    ],
    [
      { mnemonic: 'setx', operands: [0, 2] },
      { mnemonic: 'allocs', operands: [2, 1] },
      { mnemonic: 'pushtr', operands: [1, 0, 1] },
      { mnemonic: 'pushtr', operands: [0, 2, 1] },
      { mnemonic: 'sttaa', operands: [0x501, 1] },
    ],
  );
}

/** Registers that are written and a comparison made: what later instructions need. */
function start(): fc.Arbitrary<readonly Likely[]> {
  return fc.constantFrom<readonly Likely[]>([
    { mnemonic: 'setx', operands: [0, 1] },
    { mnemonic: 'ldgs', operands: [0x101, 2] },
    { mnemonic: 'cmp', operands: [1, 2] },
  ]);
}

function placed(instructions: readonly Likely[]): readonly number[] {
  return instructions.map(({ mnemonic, operands }) => encode(mnemonic, operands));
}

test('every form of instruction has operands to draw from', () => {
  expect(new Set(MNEMONICS.map((mnemonic) => OPCODES[mnemonic].form)).size).toBe(15);
});
