/**
 * Stability attributes: how firmly a name of the language keeps its meaning, as `name/data/class` (d-language.md 13.1).
 *
 * Nothing depends on them but `-v`, which tells the least of what a program uses, and `-x amin=…`, which refuses programs
 * that use anything less stable. A program may give attributes to its own names with `#pragma D attributes`.
 */
import type { Span } from '../diag/span.ts';
import { variableAttributes } from '../dif/variables.ts';
import { type Env, fail } from './env.ts';
import { isBuiltinVariable } from './scope.ts';

const LEVELS = ['internal', 'private', 'obsolete', 'external', 'unstable', 'evolving', 'stable', 'standard'];
const CLASSES = ['unknown', 'cpu', 'platform', 'group', 'isa', 'common'];

/** What D itself promises: keywords, operators, and names of which nothing else is said. */
export const LANGUAGE_STABILITY = 'Stable/Stable/Common';

/** Functions that show what belongs to one system. */
const EVOLVING_FUNCTIONS: ReadonlySet<string> = new Set(['d_path', 'ddi_pathname', 'getf', 'link_ntop']);

/** How high a part of attributes ranks. They are well formed: the option and the pragma have seen to that. */
function rank(part: string, position: number): number {
  return (position < 2 ? LEVELS : CLASSES).indexOf(part.toLowerCase());
}

/** Whether attributes are below others in any part. */
function isBelow(attributes: string, minimum: string): boolean {
  const least = minimum.split('/');
  return attributes.split('/').some((part, i) => rank(part, i) < rank(least[i] ?? '', i));
}

/** The lower of each part. */
function lowest(a: string, b: string): string {
  const others = b.split('/');
  return a
    .split('/')
    .map((part, i) => (rank(others[i] ?? '', i) < rank(part, i) ? others[i] : part))
    .join('/');
}

function attributesOf(env: Env, name: string): string {
  const given = env.scope.attributes.get(name);
  if (given !== undefined) return given;
  if (env.scope.globals.has(name)) return LANGUAGE_STABILITY;
  if (isBuiltinVariable(name)) return variableAttributes(name);
  return EVOLVING_FUNCTIONS.has(name) ? 'Evolving/Evolving/Common' : LANGUAGE_STABILITY;
}

/** Count a name that the program uses, and hold it against -x amin; `kind` is what the name is, in dtrace's words. */
export function checkStability(env: Env, kind: string, name: string, span: Span): void {
  const minimum = env.context.options.amin;
  const attributes = attributesOf(env, name);
  env.usage.stability = lowest(env.usage.stability, attributes);
  if (minimum === undefined || !isBelow(attributes, minimum)) return;
  const hint = `-x amin asks for at least ${minimum}`;
  fail(env, 'D_ATTR_MIN', span, { name: `${kind} ${name}`, attributes }, { hint });
}
