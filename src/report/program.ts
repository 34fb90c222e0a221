/** The D program of a report, whole: what `trapline report --show-d` prints and what then runs. */
import type { Architecture } from '../machine/causes.ts';
import { LEVELS, type Rule } from './rule.ts';
import { BEFORE, crashClauses, RULES, remember } from './rules.ts';
import { PRAGMAS, STATISTICS } from './statistics.ts';

export function reportProgram(architecture: Architecture): string {
  const levels = LEVELS[architecture];
  const rules = Object.values<Rule>(RULES).filter(({ on }) => on.includes(architecture));
  const body = [
    STATISTICS,
    `/* Holes in the log. */\n${BEFORE}`,
    ...rules.map(({ title, d }) => `/* Anomaly: ${title}. */\n${d(levels)}`),
    `/* Crashes and resets. */\n${crashClauses(levels)}`,
    `/* What the clauses above know of the event before. */\n${remember(levels)}`,
  ].join('\n');
  return `${PRAGMAS}\n/* State, of each CPU and of all. */\n${declarations(body)}\n${body}`;
}

/** State that the clauses keep by CPU is written `name[cpu]`; the other is in GLOBALS. All is 0 at first. */
function declarations(body: string): string {
  const perCpu = new Set([...body.matchAll(/(?<![@\w>])([a-z]\w*)\[cpu\]/g)].map((found) => found[1]!));
  const globals = new Set([...body.matchAll(GLOBALS)].map((found) => found[1]!));
  return [
    ...[...perCpu].map((name) => `uint64_t ${name}[int];`),
    ...[...globals].map((name) => `uint64_t ${name};`),
    '',
  ].join('\n');
}

const GLOBALS =
  /\b(n_[a-z_]+|any_[a-z]+|irq_(?:any|time|weight|events)|end_[a-z]+|prepared|events|user_events|hidden_calls|int_calls|holes|last_seq)\b(?![=[])/g;
