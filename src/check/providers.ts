/**
 * Provider definitions: `provider app { probe start(int, char *); probe done(struct req *r) : (reqinfo_t *r); };`
 * (d-language.md 13.3). They give the probes of that name their args[], with or without a translator; they make no probes.
 *
 * In: the definition, held against earlier ones of the same provider. Out: a DefinedProvider in the scope. A description
 * finds it by the provider's name, by that of an instance (`app123`), or by `app*`.
 */
import type { ProbePattern } from '../dif/program.ts';
import type { ProviderDefinition } from '../syntax/ast.ts';
import { assignable, isInteger, resolve, sameType } from '../types/relations.ts';
import { typeText } from '../types/text.ts';
import type { Type } from '../types/type.ts';
import { type Env, fail } from './env.ts';
import type { DefinedArgument, DefinedProbe, DefinedProvider, Scope } from './scope.ts';
import { findTranslator } from './translators.ts';
import { type KeyParameter, resolveParameters } from './type-names.ts';

const MAX_NAME = 63;
/** Counts of arguments are bytes in dtrace's probe metadata. */
const MAX_PROBE_PARAMETERS = 255;

type ProbeNode = ProviderDefinition['probes'][number];

export function checkProvider(env: Env, node: ProviderDefinition): void {
  const { name } = node;
  checkProviderName(env, node);
  const probes = new Map<string, DefinedProbe>();
  for (const probe of node.probes) {
    const shown = probeName(probe);
    if (probes.has(shown)) fail(env, 'D_PROV_PRDUP', probe.span, { provider: name, name: shown });
    probes.set(shown, checkProbe(env, name, probe));
  }
  const before = env.scope.providers.get(name);
  if (before) checkSameProvider(env, node, before, probes);
  env.scope.providers.set(name, probes);
}

function checkProviderName(env: Env, { name, span }: ProviderDefinition): void {
  const wrong = name.includes('`')
    ? 'contain scoping operator'
    : name.length > MAX_NAME
      ? `exceed ${MAX_NAME} characters`
      : /\d$/.test(name)
        ? 'end with a digit'
        : undefined;
  if (wrong !== undefined) {
    fail(env, 'D_PROV_BADNAME', span, { message: `provider name may not ${wrong}: ${name}` });
  }
}

/** `a__b` declares the probe `a-b`. */
function probeName(probe: ProbeNode): string {
  return probe.name.replaceAll('__', '-');
}

function checkProbe(env: Env, provider: string, probe: ProbeNode): DefinedProbe {
  const { span } = probe;
  const name = probeName(probe);
  if (name.includes('`') || name.length > MAX_NAME) {
    const what = name.includes('`') ? 'contain scoping operator' : `exceed ${MAX_NAME} characters`;
    fail(env, 'D_PROV_BADNAME', span, { message: `probe name may not ${what}: ${name}` });
  }
  const native = resolveParameters(env, probe.native, 'probe input', span);
  const translated = probe.translated && resolveParameters(env, probe.translated, 'probe output', span);
  for (const [which, list] of [
    ['input', native],
    ['output', translated ?? []],
  ] as const) {
    if (list.length <= MAX_PROBE_PARAMETERS) continue;
    const args = { name, which, limit: MAX_PROBE_PARAMETERS, count: list.length };
    fail(env, 'D_PROV_PRARGLEN', span, args);
  }
  const types = native.map((parameter) => parameter.type);
  const plain = types.map((type, from): DefinedArgument => ({ type, from }));
  const made = translated?.flatMap((output, i) => {
    const from = sourceOf(env, native, output, i);
    if (from === undefined) return [];
    checkTranslatable(env, { provider, name, number: i + 1 }, types[from]!, output);
    return [{ type: output.type, from }];
  });
  return { native: types, arguments: made ?? plain };
}

/** An output argument is made of the input argument of its name, or without a name of the one at its place. */
function sourceOf(
  env: Env,
  native: readonly KeyParameter[],
  { name, span }: KeyParameter,
  position: number,
): number | undefined {
  const from = name === undefined ? position : native.findIndex((input) => input.name === name);
  if (native[from] !== undefined) return from;
  const number = position + 1;
  if (name === undefined) {
    const message = `parameter declaration requires a name: parameter #${number}`;
    fail(env, 'D_DECL_PROTO_NAME', span, { message });
  } else {
    const hint = 'an output argument has the name of the input argument it is made of';
    fail(env, 'D_DECL_PROTO_FORM', span, { how: 'not', kind: 'probe output', name, number }, { hint });
  }
  return undefined;
}

/** Whether a native argument can be shown as it is: no translator is needed. */
export function isPlain(output: Type, native: Type): boolean {
  return assignable(output, native, false) && isInteger(output) === isInteger(native);
}

function checkTranslatable(
  env: Env,
  probe: { readonly provider: string; readonly name: string; readonly number: number },
  native: Type,
  output: KeyParameter,
): void {
  if (isPlain(output.type, native)) return;
  const to = resolve(output.type);
  const target = to.kind === 'pointer' ? to.to : output.type;
  if (findTranslator(env.scope, target, native) !== undefined) return;
  const args = { ...probe, from: typeText(native), to: typeText(output.type) };
  fail(env, 'D_PROV_PRXLATOR', output.span, args);
}

// ---------------------------------------------------------------------------------------------- two definitions

function checkSameProvider(
  env: Env,
  node: ProviderDefinition,
  before: DefinedProvider,
  now: DefinedProvider,
): void {
  for (const [here, there, current, previous] of [
    [now, before, 'defined', 'not defined'],
    [before, now, 'not defined', 'defined'],
  ] as const) {
    const missing = [...here.keys()].find((name) => !there.has(name));
    if (missing === undefined) continue;
    const probe = `probe ${node.name}:${missing}`;
    const message = `provider interface mismatch: ${node.name}\n\t current: ${probe} ${current}\n\tprevious: ${probe} ${previous}`;
    fail(env, 'D_PROV_INCOMPAT', node.span, { message });
    return;
  }
  for (const probe of node.probes) {
    const name = probeName(probe);
    const mismatch = prototypeMismatch(before.get(name)!, now.get(name)!);
    if (mismatch === undefined) continue;
    fail(env, 'D_PROV_INCOMPAT', probe.span, { message: `probe ${node.name}:${name} ${mismatch}` });
    return;
  }
}

/** The first difference between two definitions of a probe, as messages say it. */
function prototypeMismatch(before: DefinedProbe, now: DefinedProbe): string | undefined {
  const outputs = (probe: DefinedProbe) => probe.arguments.map((argument) => argument.type);
  for (const [which, a, b] of [
    ['input', now.native, before.native],
    ['output', outputs(now), outputs(before)],
  ] as const) {
    if (a.length !== b.length) {
      return `${which} prototype mismatch:\n\t current: ${counted(a.length)}\n\tprevious: ${counted(b.length)}`;
    }
    const i = a.findIndex((type, at) => !sameType(type, b[at]!));
    if (i === -1) continue;
    const [current, previous] = [typeText(a[i]!), typeText(b[i]!)];
    return `${which} prototype argument #${i + 1} mismatch:\n\t current: ${current}\n\tprevious: ${previous}`;
  }
  return undefined;
}

function counted(count: number): string {
  return `${count} arg${count === 1 ? '' : 's'}`;
}

// ---------------------------------------------------------------------------------------------- looking up

/** What a program or library has defined of the probes that a description names. */
export function definedProbe(scope: Scope, { provider, name }: ProbePattern): DefinedProbe | undefined {
  const known = scope.providers.get(provider) ?? scope.providers.get(provider.replace(/(\d+|\*)$/, ''));
  return known?.get(name);
}
