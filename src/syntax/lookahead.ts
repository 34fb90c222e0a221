/**
 * One-token lookahead for the parser: which alternative, and whether to go into an optional part, by FIRST sets.
 *
 * chevrotain learns the grammar by running every rule when a parser is built, and makes its decisions from that; it
 * takes longer than all else that compiling a one-liner does. Here the sets are a table (first-sets.ts), made from what
 * chevrotain would learn, and a decision is made when it is first needed. It relies on two properties of the grammar,
 * which a test checks: nothing that can be empty begins an alternative or an optional part, and where two alternatives
 * share a first token, the earlier one has a GATE.
 */
import type { BaseParser, ILookaheadStrategy, IOrAlt } from 'chevrotain';
import { TOKENS, type TokenName } from '../../grammar/tokens.ts';
import { FIRST_SETS } from './first-sets.ts';

/** The methods of a rule that need a decision, in the order of chevrotain's numbers for them, which begin with 1. */
export const DECISION_KINDS = [
  'OR',
  'OPTION',
  'MANY',
  'AT_LEAST_ONE',
  'MANY_SEP',
  'AT_LEAST_ONE_SEP',
] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

/** Of an OR, which alternative, if any; else whether to go in. */
export type Decision = (
  this: BaseParser,
  alternatives?: readonly IOrAlt<unknown>[],
) => number | boolean | undefined;

/** Token type numbers. */
type FirstSet = ReadonlySet<number>;

/** chevrotain's key of a decision: the number of the rule, of the method, and of its occurrence in the rule. */
const OCCURRENCE_BITS = 8;
const KIND_BITS = 4;
export const RULE_OF_KEY = -1 << (OCCURRENCE_BITS + KIND_BITS);

export function decisionOf(rule: string, key: number): Decision {
  const kind = DECISION_KINDS[((key >> OCCURRENCE_BITS) & ((1 << KIND_BITS) - 1)) - 1];
  const text = FIRST_SETS[`${rule} ${kind} ${key & ((1 << OCCURRENCE_BITS) - 1)}`] ?? '';
  const sets = text.split(' | ').map(firstSet);
  return kind === 'OR' ? chooseBy(sets) : enterBy(sets[0]!);
}

function chooseBy(sets: readonly FirstSet[]): Decision {
  return function (alternatives = []) {
    const next = this.LA(1).tokenTypeIdx;
    for (let index = 0; index < sets.length; index++) {
      const gate = alternatives[index]?.GATE;
      if (sets[index]!.has(next) && (gate === undefined || gate.call(this))) return index;
    }
    return undefined;
  };
}

function enterBy(set: FirstSet): Decision {
  return function () {
    return set.has(this.LA(1).tokenTypeIdx);
  };
}

function firstSet(names: string): FirstSet {
  return new Set(names.split(' ').map((name) => TOKENS[name as TokenName].tokenTypeIdx!));
}

/** Of a parser that only records its grammar. */
export const NO_LOOKAHEAD: ILookaheadStrategy = {
  validate: () => [],
  buildLookaheadForAlternation: () => () => undefined,
  buildLookaheadForOptional: () => () => false,
};
