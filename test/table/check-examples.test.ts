/** The example of every row of the language's tables is a correct program: users are shown them. */
import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../../src/dif/actions.ts';
import { AGGREGATING_FUNCTIONS } from '../../src/dif/aggregating-functions.ts';
import { SUBROUTINES } from '../../src/dif/subroutines.ts';
import { BUILTIN_VARIABLES } from '../../src/dif/variables.ts';
import { REGISTERS } from '../../src/machine/registers.ts';
import { checkText } from '../support/check-program.ts';

const TABLES = { ACTIONS, AGGREGATING_FUNCTIONS, SUBROUTINES, BUILTIN_VARIABLES };

describe.each(Object.entries(TABLES))('%s', (_, rows) => {
  test.each(Object.entries(rows).map(([name, row]) => [name, row.example] as const))(
    '%s: %s',
    (_name, example) => {
      const text = `BEGIN { @a = count(); self->spec = 1; } typed::: { ${example}; }`;
      expect(checkText(text).errors).toEqual([]);
    },
  );
});

test.each(Object.keys(REGISTERS))('register %s', (name) => {
  expect(checkText(`vec::: { trace(${name}); }`).errors).toEqual([]);
});
