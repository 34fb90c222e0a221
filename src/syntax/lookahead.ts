/**
 * One-token lookahead for the parser: which alternative, and whether to go into an optional part, by FIRST sets.
 *
 * chevrotain's own strategy works for any number of tokens and computes all its tables when the parser is built, which
 * takes longer than parsing a one-liner. This one computes a set when it is first asked for, and each rule's once.
 * It relies on two properties of the grammar, which a test checks: nothing that can be empty begins an alternative or
 * an optional part, and where two alternatives share a first token, the earlier one has a GATE.
 */
import {
  Alternation,
  type BaseParser,
  type ILookaheadStrategy,
  type IOrAlt,
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

/** Token type numbers, groups expanded into their members. */
type FirstSet = ReadonlySet<number>;

/** A production that has parts: a rule, a sequence, an alternation, an option, a repetition. */
type Composite = IProduction & { readonly definition: IProduction[]; readonly idx?: number };

/** The parts that need a decision, by the name that chevrotain gives their kind. */
const DECISIONS = {
  Alternation,
  Option,
  Repetition,
  RepetitionMandatory,
  RepetitionMandatoryWithSeparator,
  RepetitionWithSeparator,
} as const;
type Decision = keyof typeof DECISIONS;

export function oneTokenLookahead(): ILookaheadStrategy {
  const firstOfRule = new Map<Rule, FirstSet>();
  const first = (production: IProduction): FirstSet => firstSet(production, firstOfRule);
  return {
    validate: () => [],
    buildLookaheadForAlternation({ prodOccurrence, rule }) {
      let sets: FirstSet[] | undefined;
      return function choose(this: BaseParser, alternatives: IOrAlt<unknown>[] = []) {
        sets ??= find(rule, 'Alternation', prodOccurrence).definition.map(first);
        const next = this.LA(1).tokenTypeIdx;
        for (let index = 0; index < sets.length; index++) {
          const gate = alternatives[index]?.GATE;
          if (sets[index]?.has(next) && (gate === undefined || gate.call(this))) return index;
        }
        return undefined;
      };
    },
    buildLookaheadForOptional({ prodOccurrence, rule, prodType }) {
      let set: FirstSet | undefined;
      return function enter(this: BaseParser) {
        set ??= firstOfSequence(find(rule, prodType as Decision, prodOccurrence).definition, first);
        return set.has(this.LA(1).tokenTypeIdx);
      };
    },
  };
}

function find(rule: Rule, type: Decision, occurrence: number): Composite {
  const found = search(rule, type, occurrence);
  if (!found) throw new Error(`no ${type} ${occurrence} in rule ${rule.name}`);
  return found;
}

function search(production: IProduction, type: Decision, occurrence: number): Composite | undefined {
  if (!isComposite(production)) return undefined;
  if (production instanceof DECISIONS[type] && production.idx === occurrence) return production;
  for (const part of production.definition) {
    const found = search(part, type, occurrence);
    if (found) return found;
  }
  return undefined;
}

function isComposite(production: IProduction): production is Composite {
  return !(production instanceof NonTerminal) && !(production instanceof Terminal);
}

function firstSet(production: IProduction, firstOfRule: Map<Rule, FirstSet>): FirstSet {
  const first = (part: IProduction): FirstSet => firstSet(part, firstOfRule);
  if (production instanceof Terminal) return tokenNumbers(production.terminalType);
  if (production instanceof NonTerminal) {
    const rule = production.referencedRule;
    const known = firstOfRule.get(rule);
    if (known) return known;
    const set = firstOfSequence(rule.definition, first);
    firstOfRule.set(rule, set);
    return set;
  }
  const { definition } = production as Composite;
  if (production instanceof Alternation) return union(definition.map(first));
  return firstOfSequence(definition, first);
}

/** The first part's tokens; and the next part's too while what came so far may be absent. */
function firstOfSequence(parts: readonly IProduction[], first: (part: IProduction) => FirstSet): FirstSet {
  const sets: FirstSet[] = [];
  for (const part of parts) {
    sets.push(first(part));
    if (!mayBeAbsent(part)) break;
  }
  return union(sets);
}

function mayBeAbsent(part: IProduction): boolean {
  return part instanceof Option || part instanceof Repetition || part instanceof RepetitionWithSeparator;
}

function tokenNumbers(type: TokenType): FirstSet {
  return new Set([type.tokenTypeIdx!, ...(type.categoryMatches ?? [])]);
}

function union(sets: readonly FirstSet[]): FirstSet {
  return new Set(sets.flatMap((set) => [...set]));
}
