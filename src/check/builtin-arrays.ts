/**
 * The built-in arrays: `args[N]`, the typed arguments of the clause's probes, and `uregs[N]`, registers by index.
 *
 * An argument whose type is a pointer to one of ARGUMENT_VIEWS is no address: like the translated arguments of dtrace's
 * own providers, it is an object whose members are computed when asked for. Its members are arg0, arg1, … in order, so
 * `args[0]->pc` costs what `arg3` costs and needs the same event columns.
 */
import type { Span } from '../diag/span.ts';
import type { Expr } from '../syntax/ast.ts';
import { DYNAMIC, INT } from '../types/intrinsic.ts';
import { isRecord, referent, resolve } from '../types/relations.ts';
import { typeFromText } from '../types/table.ts';
import type { Type } from '../types/type.ts';
import { constant, isConstant, read } from './build.ts';
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
import { noteBuiltin } from './needs.ts';
import { countMismatch, typeMismatch } from './prototypes.ts';
import { shapeOf } from './shapes.ts';
import { checkStability } from './stability.ts';

type Node<Kind extends Expr['kind']> = Extract<Expr, { readonly kind: Kind }>;

/** Typedefs of structs that name a probe's raw arguments. */
const ARGUMENT_VIEWS: ReadonlySet<string> = new Set(['vecinfo_t']);

/** `args[N]` as an object over the raw arguments, when its type is a pointer to a view of them. */
function argumentView(type: Type, span: Span): TranslatedOperand | undefined {
  const output = resolve(type).kind === 'pointer' ? referent(type) : undefined;
  if (output?.kind !== 'typedef' || !ARGUMENT_VIEWS.has(output.name) || !isRecord(output)) return undefined;
  const record = resolve(output);
  const names = record.kind === 'struct' ? (record.members ?? []).map((member) => member.name) : [];
  const members = new Map<string, Expr>(
    names.map((name, i) => [name, { kind: 'identifier', name: `arg${i}`, span }]),
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
  const elementType = name === 'args' ? argumentType(env, node, position) : type;
  if (elementType === undefined) return errorExpr(node.span);
  const view = name === 'args' ? argumentView(elementType, node.span) : undefined;
  if (view !== undefined) return view;
  noteBuiltin(env, name);
  if (position < 0n) return failed(env, 'D_REGS_IDX', node.span, { index: position, name });
  const shape = shapeOf(elementType, env.context.options.strsize);
  const at = constant(position, INT, node.span);
  return read({ kind: 'builtin', id, index: at, shape }, elementType, node.span);
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

/** The type of args[N]: the one that all probes of the clause agree on. */
function argumentType(env: Env, node: Node<'index'>, position: bigint): Type | undefined {
  const name = 'args';
  if (env.patterns === undefined) {
    fail(env, 'D_ARGS_NONE', node.span, { name });
    return undefined;
  }
  let agreed: readonly string[] | undefined;
  for (const pattern of env.patterns) {
    const texts = env.context.catalog.argumentTypes(pattern);
    if (texts === 'multiple' || (agreed !== undefined && texts.join() !== agreed.join())) {
      fail(env, 'D_ARGS_MULTI', node.span, { name, description: pattern.text });
      return undefined;
    }
    agreed = texts;
  }
  const text = position < 0n ? undefined : agreed?.[Number(position)];
  if (text === undefined) {
    const description = env.patterns[0]?.text ?? '';
    fail(env, 'D_ARGS_IDX', node.span, { index: position, description, name }, argumentHint(agreed ?? []));
    return undefined;
  }
  const type = typeFromText(env.scope.types, text);
  if (type === undefined) fail(env, 'D_ARGS_TYPE', node.span, { name, index: position });
  return type;
}

function argumentHint(types: readonly string[]): { readonly hint: string } {
  if (types.length === 0)
    return { hint: 'these probes have no typed arguments; arg0, arg1, ... are raw ones' };
  if (types.length === 1) return { hint: `the only one is args[0], a ${types[0]}` };
  return { hint: `args[0] to args[${types.length - 1}] are: ${types.join(', ')}` };
}
