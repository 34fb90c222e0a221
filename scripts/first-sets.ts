/**
 * src/syntax/first-sets.ts, made from the grammar that chevrotain records from the parser's rules: per decision of a
 * rule, the tokens that may come first in each alternative, or in the optional part. `npm run grammar` writes it.
 */
import {
  Alternation,
  type IProduction,
  NonTerminal,
  Option,
  Repetition,
  RepetitionMandatory,
  RepetitionMandatoryWithSeparator,
  RepetitionWithSeparator,
  type Rule,
  Terminal,
  type TokenType,
} from 'chevrotain';
import { TOKENS } from '../grammar/tokens.ts';
import { DECISION_KINDS, type DecisionKind } from '../src/syntax/lookahead.ts';

/** A production that has parts: a rule, a sequence, an alternation, an option, a repetition. */
type Composite = IProduction & { readonly definition: IProduction[]; readonly idx?: number };

const CLASSES: Record<DecisionKind, new (...options: never[]) => IProduction> = {
  OR: Alternation,
  OPTION: Option,
  MANY: Repetition,
  AT_LEAST_ONE: RepetitionMandatory,
  MANY_SEP: RepetitionWithSeparator,
  AT_LEAST_ONE_SEP: RepetitionMandatoryWithSeparator,
};

const WIDTH = 110;

/** Tokens in the order of the table; groups are never tokens of a text. */
const LEAVES = Object.values<TokenType>(TOKENS).filter(({ categoryMatches }) => !categoryMatches?.length);

export function firstSetsModule(rules: readonly Rule[]): string {
  const rows = rules.flatMap((rule) =>
    decisions(rule).map(([name, sets]) => row(`${rule.name} ${name}`, sets)),
  );
  return `/** Made by scripts/first-sets.ts from the rules of parser.ts: npm run grammar. */
export const FIRST_SETS: Readonly<Record<string, string>> = {
${rows.join('')}};
`;
}

/** As the formatter has it. */
function row(name: string, sets: string): string {
  const line = `  '${name}': '${sets}',\n`;
  return line.length <= WIDTH + 1 ? line : `  '${name}':\n    '${sets}',\n`;
}

function decisions(part: IProduction): [string, string][] {
  if (!isComposite(part)) return [];
  const inside = part.definition.flatMap(decisions);
  const kind = DECISION_KINDS.find((name) => part instanceof CLASSES[name]);
  if (kind === undefined) return inside;
  const sets = kind === 'OR' ? part.definition.map(first) : [firstOfSequence(part.definition)];
  return [[`${kind} ${part.idx ?? 0}`, sets.map(names).join(' | ')], ...inside];
}

function isComposite(part: IProduction): part is Composite {
  return !(part instanceof NonTerminal) && !(part instanceof Terminal);
}

function names(set: ReadonlySet<TokenType>): string {
  const leaves = LEAVES.filter((type) => set.has(type) || type.CATEGORIES?.some((group) => set.has(group)));
  return leaves.map(({ name }) => name).join(' ');
}

function first(part: IProduction): ReadonlySet<TokenType> {
  if (part instanceof Terminal) return new Set([part.terminalType]);
  if (part instanceof NonTerminal) return firstOfSequence(part.referencedRule.definition);
  const { definition } = part as Composite;
  return part instanceof Alternation ? union(definition.map(first)) : firstOfSequence(definition);
}

/** The first part's tokens; and the next part's too while what came so far may be absent. */
function firstOfSequence(parts: readonly IProduction[]): ReadonlySet<TokenType> {
  const end = parts.findIndex((part) => !mayBeAbsent(part));
  return union(parts.slice(0, end === -1 ? parts.length : end + 1).map(first));
}

function mayBeAbsent(part: IProduction): boolean {
  return part instanceof Option || part instanceof Repetition || part instanceof RepetitionWithSeparator;
}

function union(sets: readonly ReadonlySet<TokenType>[]): ReadonlySet<TokenType> {
  return new Set(sets.flatMap((set) => [...set]));
}
