/**
 * Stability attributes: how firmly a name of the language keeps its meaning, as `name/data/class` (d-language.md 13.1).
 *
 * Nothing depends on them but `-x amin=…`, which refuses programs that use anything less stable. A program may give
 * attributes to its own names with `#pragma D attributes`.
 */
import type { Span } from '../diag/span.ts';
import { variableAttributes } from '../dif/variables.ts';
import { type Env, fail } from './env.ts';
import { isBuiltinVariable } from './scope.ts';

const LEVELS = ['internal', 'private', 'obsolete', 'external', 'unstable', 'evolving', 'stable', 'standard'];
const CLASSES = ['unknown', 'cpu', 'platform', 'group', 'isa', 'common'];

const STABLE = 'Stable/Stable/Common';

/** Functions that show what belongs to one system. */
const EVOLVING_FUNCTIONS: ReadonlySet<string> = new Set(['d_path', 'ddi_pathname', 'getf', 'link_ntop']);

/** Whether attributes are below others in any part. Both are well formed: the option and the pragma have seen to that. */
function isBelow(attributes: string, minimum: string): boolean {
  const [a, b] = [attributes, minimum].map((text) => text.toLowerCase().split('/'));
  const level = (parts: readonly string[], i: number) => (i < 2 ? LEVELS : CLASSES).indexOf(parts[i] ?? '');
  return [0, 1, 2].some((i) => level(a ?? [], i) < level(b ?? [], i));
}

function attributesOf(env: Env, name: string): string {
  const given = env.scope.attributes.get(name);
  if (given !== undefined) return given;
  if (env.scope.globals.has(name)) return STABLE;
  if (isBuiltinVariable(name)) return variableAttributes(name);
  return EVOLVING_FUNCTIONS.has(name) ? 'Evolving/Evolving/Common' : STABLE;
}

/** Hold a name that the program uses against -x amin; `kind` is what the name is, in dtrace's words. */
export function checkStability(env: Env, kind: string, name: string, span: Span): void {
  const minimum = env.context.options.amin;
  if (minimum === undefined) return;
  const attributes = attributesOf(env, name);
  if (!isBelow(attributes, minimum)) return;
  const hint = `-x amin asks for at least ${minimum}`;
  fail(env, 'D_ATTR_MIN', span, { name: `${kind} ${name}`, attributes }, { hint });
}
