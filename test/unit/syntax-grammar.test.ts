/** The grammar tables, the listing made from them and the parser's rules say the same. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  Alternation,
  Alternative,
  type IProduction,
  NonTerminal,
  Option,
  Repetition,
  RepetitionMandatory,
  RepetitionMandatoryWithSeparator,
  RepetitionWithSeparator,
  Rule,
  Terminal,
  type TokenType,
} from 'chevrotain';
import { describe, expect, test } from 'vitest';
import { PRODUCTIONS } from '../../grammar/productions.ts';
import { KEYWORDS, OPERATORS, TOKENS } from '../../grammar/tokens.ts';
import { grammarListing } from '../../scripts/ebnf.ts';
import { firstSetsModule } from '../../scripts/first-sets.ts';
import { createItemParser } from '../../src/syntax/parser.ts';
import { parseText } from './syntax-parse.ts';

const LISTING = fileURLToPath(new URL('../../grammar/d.ebnf', import.meta.url));

test('grammar/d.ebnf is what the tables give', () => {
  if (process.env['UPDATE']) writeFileSync(LISTING, grammarListing());
  expect(existsSync(LISTING) ? readFileSync(LISTING, 'utf8') : '').toBe(grammarListing());
});

const rules = createItemParser().getGAstProductions();

const FIRST_SETS = fileURLToPath(new URL('../../src/syntax/first-sets.ts', import.meta.url));

test("the parser decides by the first sets that its rules' grammar has", () => {
  const made = firstSetsModule(Object.values(rules));
  if (process.env['UPDATE']) writeFileSync(FIRST_SETS, made);
  expect(readFileSync(FIRST_SETS, 'utf8')).toBe(made);
});

test('every parser rule has a production, in the same order', () => {
  expect(PRODUCTIONS.map(({ name }) => name)).toEqual(Object.keys(rules).map(snakeCase));
});

describe('productions', () => {
  test.each(PRODUCTIONS)('$name has the shape of its rule', ({ name, ebnf }) => {
    const rule = Object.values(rules).find((candidate) => snakeCase(candidate.name) === name);
    expect(rule && sequence(rule.definition, 'whole')).toBe(ebnf);
  });

  test.each(PRODUCTIONS)('$name accepts its example', ({ example }) => {
    expect(parseText(example).errors).toEqual([]);
  });
});

describe('one token of lookahead is enough', () => {
  test.each(Object.values(rules).map((rule) => [rule.name, rule] as const))('%s', (_name, rule) => {
    for (const part of parts(rule)) {
      if (part instanceof Option || part instanceof Repetition) {
        expect(canBeEmpty(part.definition), 'an optional part must not be able to be empty').toBe(false);
      }
      if (part instanceof Alternation) {
        for (const alternative of part.definition) expect(canBeEmpty(inner(alternative))).toBe(false);
        expect(ungatedClashes(rule.name, part)).toEqual([]);
      }
    }
  });
});

test('every keyword and operator has a token that some rule names, or is reserved', () => {
  const named = new Set<TokenType>();
  for (const rule of Object.values(rules)) {
    for (const part of parts(rule)) {
      if (part instanceof Terminal) named.add(part.terminalType);
      if (part instanceof RepetitionWithSeparator || part instanceof RepetitionMandatoryWithSeparator) {
        named.add(part.separator);
      }
    }
  }
  for (const [spelling, { token }] of Object.entries({ ...KEYWORDS, ...OPERATORS })) {
    const type: TokenType = TOKENS[token];
    const reachable =
      token === 'Reserved' || [type, ...(type.CATEGORIES ?? [])].some((name) => named.has(name));
    expect(reachable, spelling).toBe(true);
  }
});

/** Alternatives that begin alike are told apart by GATEs; these are the places where the parser has them. */
const GATED = new Set(['cast', 'sizeof', 'directDeclarator', 'arraySuffix']);

function ungatedClashes(rule: string, { definition }: Alternation): string[] {
  if (GATED.has(rule)) return [];
  const seen = new Map<number, number>();
  const clashes: string[] = [];
  definition.forEach((alternative, index) => {
    for (const type of firstTypes(inner(alternative))) {
      for (const number of [type.tokenTypeIdx!, ...(type.categoryMatches ?? [])]) {
        if (seen.has(number) && seen.get(number) !== index) clashes.push(type.name);
        seen.set(number, index);
      }
    }
  });
  return clashes;
}

function firstTypes(definition: readonly IProduction[]): TokenType[] {
  const types: TokenType[] = [];
  for (const part of definition) {
    if (part instanceof Terminal) types.push(part.terminalType);
    else types.push(...firstTypes(inner(part)));
    if (part instanceof Alternation) types.push(...part.definition.flatMap((one) => firstTypes(inner(one))));
    if (!(part instanceof Option || part instanceof Repetition || part instanceof RepetitionWithSeparator))
      break;
  }
  return types;
}

function inner(part: IProduction): readonly IProduction[] {
  if (part instanceof NonTerminal) return part.referencedRule.definition;
  if (part instanceof Terminal || part instanceof Alternation) return [];
  return (part as unknown as { definition: IProduction[] }).definition;
}

function canBeEmpty(definition: readonly IProduction[]): boolean {
  return definition.every((part) => {
    if (part instanceof Terminal) return false;
    if (part instanceof Option || part instanceof Repetition || part instanceof RepetitionWithSeparator)
      return true;
    if (part instanceof Alternation) return part.definition.some((one) => canBeEmpty(inner(one)));
    return canBeEmpty(inner(part));
  });
}

function parts(part: IProduction): IProduction[] {
  if (part instanceof Terminal || part instanceof NonTerminal) return [part];
  const { definition } = part as unknown as { definition: IProduction[] };
  return [part, ...definition.flatMap(parts)];
}

// ---- A rule as EBNF text

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `place` says whether an alternation needs parentheses: it stands for the whole, or among other parts. */
function sequence(definition: readonly IProduction[], place: 'whole' | 'part'): string {
  const only = definition.length === 1 && place === 'whole';
  return definition.map((part) => ebnf(part, only ? 'whole' : 'part')).join(' ');
}

function ebnf(part: IProduction, place: 'whole' | 'part'): string {
  if (part instanceof Terminal) return part.terminalType.LABEL ?? part.terminalType.name;
  if (part instanceof NonTerminal) return snakeCase(part.nonTerminalName);
  if (part instanceof Alternation) {
    const text = part.definition.map((one) => ebnf(one, 'whole')).join(' | ');
    return place === 'whole' ? text : `( ${text} )`;
  }
  if (part instanceof Alternative || part instanceof Rule) return sequence(part.definition, 'whole');
  if (part instanceof Option) return `[ ${sequence(part.definition, 'whole')} ]`;
  if (part instanceof Repetition) return `{ ${sequence(part.definition, 'whole')} }`;
  if (part instanceof RepetitionMandatory) {
    return `${sequence(part.definition, 'part')} { ${sequence(part.definition, 'whole')} }`;
  }
  if (part instanceof RepetitionMandatoryWithSeparator) return separated(part);
  if (part instanceof RepetitionWithSeparator) return `[ ${separated(part)} ]`;
  throw new Error(`no EBNF for ${part.constructor.name}`);
}

function separated(part: RepetitionWithSeparator | RepetitionMandatoryWithSeparator): string {
  const item = sequence(part.definition, 'part');
  return `${item} { ${part.separator.LABEL} ${item} }`;
}
