/** The D program of a report, whole: what `trapline report --show-d` prints and what then runs. */
import type { Architecture } from '../machine/causes.ts';
import { CASCADE, REMEMBER, RULE_COUNTS, RULES, type Rule } from './rules.ts';
import { PRAGMAS, STATISTICS } from './statistics.ts';

export function reportProgram(architecture: Architecture): string {
  const isX86 = architecture === 'x86';
  const rules = Object.values<Rule>(RULES).filter((rule) => isX86 || rule.anywhere);
  const parts = [STATISTICS, ...rules.map(({ title, d }) => `/* Anomaly: ${title}. */\n${d}`)];
  if (isX86)
    parts.push(
      `/* Cascades and resets. */\n${CASCADE}`,
      `/* What the clauses above know of the event before. */\n${REMEMBER}`,
      RULE_COUNTS,
    );
  const body = parts.join('\n');
  return `${PRAGMAS}\n/* State, of each CPU and of all. */\n${declarations(body)}\n${body}`;
}

/** State that the clauses keep by CPU is written `name[cpu]`; the other is in GLOBALS. All is 0 at first. */
function declarations(body: string): string {
  const perCpu = new Set([...body.matchAll(/(?<![@\w>])([a-z]\w*)\[cpu\]/g)].map((found) => found[1]!));
  const globals = new Set(
    [
      ...body.matchAll(
        /\b(n_[a-z_]+|any_[a-z]+|irq_[a-z]+|end_[a-z]+|prepared|events|user_events|has_syscall|int_calls)\b(?!=)/g,
      ),
    ].map((found) => found[1]!),
  );
  return [
    ...[...perCpu].map((name) => `uint64_t ${name}[int];`),
    ...[...globals].map((name) => `uint64_t ${name};`),
    '',
  ].join('\n');
}
