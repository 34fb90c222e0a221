/**
 * The built-in arrays: `args[N]`, the typed arguments of the clause's probes, and `uregs[N]`, registers by index.
 *
 * An argument whose type is a pointer to what ARGUMENT_VIEWS names is no address: like the translated arguments of dtrace's
 * own providers, it is an object whose members are computed when asked for. Its members are arg0, arg1, … in order, so
 * `args[0]->pc` costs what `arg3` costs and needs the same event columns.
 */
import type { Span } from '../diag/span.ts';
import type { Expr } from '../syntax/ast.ts';
import { DYNAMIC, INT, LONG } from '../types/intrinsic.ts';
import { isRecord, isString, referent, resolve } from '../types/relations.ts';
import { typeFromText } from '../types/table.ts';
import { typeText } from '../types/text.ts';
import type { Type } from '../types/type.ts';
import { constant, convert, isConstant, read } from './build.ts';
import {
  type Env,
  errorExpr,
  fail,
  failed,
  isValue,
  type Operand,
  operandText,
  type TranslatedOperand,
} from './env.ts';
import { builtin } from './names.ts';
import { noteBuiltin, noteUserRegister } from './needs.ts';
import { countMismatch, typeMismatch } from './prototypes.ts';
import { definedProbe, isPlain } from './providers.ts';
import type { DefinedProbe } from './scope.ts';
import { shapeOf } from './shapes.ts';
import { checkStability } from './stability.ts';
import { translate } from './translators.ts';
import type { TypedExpr } from './typed.ts';

type Node<Kind extends Expr['kind']> = Extract<Expr, { readonly kind: Kind }>;

/** Typedefs of structs that name a probe's raw arguments; `*_fields_t` are those of a trace's own points. */
const ARGUMENT_VIEWS = /^vecinfo_t$|_fields_t$/;

/** `args[N]` as an object over the raw arguments, when its type is a pointer to a view of them. */
function argumentView(type: Type, span: Span): TranslatedOperand | undefined {
  const output = resolve(type).kind === 'pointer' ? referent(type) : undefined;
  if (output?.kind !== 'typedef' || !ARGUMENT_VIEWS.test(output.name) || !isRecord(output)) return undefined;
  const record = resolve(output);
  const declared = record.kind === 'struct' ? (record.members ?? []) : [];
  const members = new Map<string, Expr>(
    declared.map(({ name, type: of }, i) => {
      const raw: Expr = { kind: 'identifier', name: `arg${i}`, span };
      return [name, isString(of) ? { kind: 'stringof', operand: raw, span } : raw];
    }),
  );
  const translator = { output, input: INT, parameter: '', members };
  return {
    kind: 'translated',
    type: DYNAMIC,
    span,
    translator,
    input: constant(0n, INT, span),
    pointer: true,
    isView: true,
  };
}

export function builtinElement(env: Env, node: Node<'index'>, name: string): Operand | undefined {
  const { id, type, isArray } = builtin(env, name);
  if (!isArray) return undefined;
  checkStability(env, 'array', name, node.object.span);
  const position = constantIndex(env, node, name);
  if (position === undefined) return errorExpr(node.span);
  if (name === 'args') return argument(env, node, id, position);
  noteBuiltin(env, name);
  if (position < 0n) return failed(env, 'D_REGS_IDX', node.span, { index: position, name });
  noteUserRegister(env, position);
  return elementAt(env, id, position, type, node.span);
}

function elementAt(env: Env, id: number, position: bigint, type: Type, span: Span): TypedExpr {
  const shape = shapeOf(type, env.context.options.strsize);
  return read({ kind: 'builtin', id, index: constant(position, INT, span), shape }, type, span);
}

/** Subscripts of args[] and uregs[] are constants, so that the element's type is known. */
function constantIndex(env: Env, node: Node<'index'>, name: string): bigint | undefined {
  const callee = `${name}[ ]`;
  if (node.indices.length !== 1) {
    fail(env, 'D_PROTO_LEN', node.span, { message: countMismatch(callee, node.indices.length, 1) });
    return undefined;
  }
  const position = env.checkExpr(env, node.indices[0]!);
  if (isValue(position) && isConstant(position)) return position.value;
  const message = typeMismatch(callee, 1, 'integer constant', operandText(position));
  fail(env, 'D_PROTO_ARG', position.span, { message });
  return undefined;
}

// ---------------------------------------------------------------------------------------------- args[]

/** The types of args[], and the definition they come from when a program or library defines the probe. */
interface ArgumentList {
  readonly texts: readonly string[];
  readonly probe: DefinedProbe | undefined;
}

function argument(env: Env, node: Node<'index'>, id: number, position: bigint): Operand {
  const { span } = node;
  const list = argumentList(env, node);
  if (list === undefined) return errorExpr(span);
  const text = position < 0n ? undefined : list.texts[Number(position)];
  if (text === undefined) {
    const args = { index: position, description: env.patterns?.[0]?.text ?? '', name: 'args' };
    return failed(env, 'D_ARGS_IDX', span, args, argumentHint(list.texts));
  }
  if (list.probe !== undefined) return definedArgument(env, list.probe, Number(position), id, span);
  const type = typeFromText(env.scope.types, text);
  if (type === undefined) return failed(env, 'D_ARGS_TYPE', span, { name: 'args', index: position });
  const view = argumentView(type, span);
  if (view !== undefined) return view;
  noteBuiltin(env, 'args');
  return elementAt(env, id, position, type, span);
}

/** What all probes of the clause agree on; reported and undefined when they do not. */
function argumentList(env: Env, node: Node<'index'>): ArgumentList | undefined {
  const name = 'args';
  if (env.patterns === undefined) {
    fail(env, 'D_ARGS_NONE', node.span, { name });
    return undefined;
  }
  let agreed: ArgumentList = { texts: [], probe: undefined };
  for (const [i, pattern] of env.patterns.entries()) {
    const probe = definedProbe(env.scope, pattern);
    const texts = probe
      ? probe.arguments.map(({ type }) => typeText(type))
      : env.context.catalog.argumentTypes(pattern);
    if (texts === 'multiple' || (i > 0 && texts.join() !== agreed.texts.join())) {
      fail(env, 'D_ARGS_MULTI', node.span, { name, description: pattern.text });
      return undefined;
    }
    agreed = { texts, probe };
  }
  return agreed;
}

/** The raw argument as one of its type, or what a translator makes of it. */
function definedArgument(env: Env, probe: DefinedProbe, position: number, id: number, span: Span): Operand {
  const { type, from } = probe.arguments[position]!;
  noteBuiltin(env, 'args');
  const raw = elementAt(env, id, BigInt(from), LONG, span);
  const native = convert(raw, probe.native[from]!);
  return isPlain(type, native.type) ? convert(native, type) : translate(env, type, native, span);
}

function argumentHint(types: readonly string[]): { readonly hint: string } {
  if (types.length === 0)
    return { hint: 'these probes have no typed arguments; arg0, arg1, ... are raw ones' };
  if (types.length === 1) return { hint: `the only one is args[0], a ${types[0]}` };
  return { hint: `args[0] to args[${types.length - 1}] are: ${types.join(', ')}` };
}
