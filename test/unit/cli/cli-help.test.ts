/** Help is made from the tables, so every row must be found in it. */
import { describe, expect, test } from 'vitest';
import { helpText, similarTopic, topicText } from '../../../src/cli/help.ts';
import { SWITCHES, spelling } from '../../../src/cli/switches.ts';
import { ACTIONS } from '../../../src/dif/actions.ts';
import { AGGREGATING_FUNCTIONS } from '../../../src/dif/aggregating-functions.ts';
import { LIBRARY } from '../../../src/dif/library.ts';
import { MACRO_VARIABLES } from '../../../src/dif/macro-variables.ts';
import { OPTIONS } from '../../../src/dif/options.ts';
import { PRAGMAS } from '../../../src/dif/pragmas.ts';
import { SUBROUTINES } from '../../../src/dif/subroutines.ts';
import { BUILTIN_VARIABLES } from '../../../src/dif/variables.ts';
import { REGISTERS } from '../../../src/machine/registers.ts';

test('--help lists every switch once', () => {
  const text = helpText();
  for (const def of SWITCHES) {
    if (def.does.kind === 'later')
      expect(text).toMatch(new RegExp(`not in this version yet:.* --?${def.short ?? def.long}\\b`, 'i'));
    else expect(text.split(`\n  ${spelling(def)} `).length, spelling(def)).toBe(2);
  }
});

test('--help fits a screen: no line is longer than 120 columns, 70 lines', () => {
  const lines = helpText().split('\n');
  expect(lines.length).toBeLessThan(70);
  expect(lines.filter((line) => line.length > 120)).toEqual([]);
});

describe('every name of a table', () => {
  const tables = {
    ...BUILTIN_VARIABLES,
    ...REGISTERS,
    ...LIBRARY,
    ...SUBROUTINES,
    ...ACTIONS,
    ...AGGREGATING_FUNCTIONS,
    ...OPTIONS,
  };
  test.each(Object.entries(tables))('%s', (name, row) => {
    expect(topicText(name)).toContain(row.doc);
  });
});

test.each([
  [
    'strlen',
    'strlen (subroutine): bytes before the NUL\n  size_t strlen(const char *)\n  example: trace(strlen("abc"))\n',
  ],
  ['-Z', '-Z (switch): allow probe descriptions that match nothing\n'],
  ['--trace', expect.stringMatching(/^-t, --trace FILE \(switch\): replay/)],
  ['page_fault', expect.stringContaining('vec:exception:page_fault:0x0e')],
  ['data_abort', expect.stringMatching(/Arm.*\n.*:0x24\n.*:0x25\n/)],
  ['m_timer', expect.stringContaining('vec:interrupt:m_timer:0x07')],
  ['%d', expect.stringContaining('%d (printf conversion)')],
  ['nosuch', undefined],
  ['toString', undefined],
])('help %s', (name, expected) => {
  expect(topicText(name)).toEqual(expected);
});

test('a slip of the finger finds the name that was meant', () => {
  expect(similarTopic('strlne')).toBe('strlen');
  expect(similarTopic('optoins')).toBe('options');
});

test.each(Object.keys(MACRO_VARIABLES))('macro variable $%s', (name) => {
  expect(topicText(`$${name}`)).toContain(MACRO_VARIABLES[name as 'pid'].doc);
});

test.each(Object.keys(PRAGMAS))('control line %s, with and without #', (name) => {
  expect(topicText(name)).toContain(PRAGMAS[name as 'line'].doc);
  expect(topicText(`#${name}`)).toContain(PRAGMAS[name as 'line'].form);
});
