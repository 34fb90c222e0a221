/** Actions: one row per action, from its call to a TypedAction with checked arguments (d-language.md 6.1). */
import type { Tag } from '../diag/tags.ts';
import { ACTIONS, type ActionDef, type ActionName } from '../dif/actions.ts';
import type { ValueShape } from '../dif/program.ts';
import type { Expr } from '../syntax/ast.ts';
import { INT } from '../types/intrinsic.ts';
import {
  isError,
  isInteger,
  isPointer,
  isScalar,
  isVoid,
  referent,
  resolve,
  sameType,
} from '../types/relations.ts';
import { typeText } from '../types/text.ts';
import { inMemory } from './assign.ts';
import { convert, isConstant } from './build.ts';
import { type Env, fail, isValue, type Operand, operandText } from './env.ts';
import { noteRegisters } from './needs.ts';
import { checkPrintaFormat, formatBytes, formatOf, printfValues } from './printf.ts';
import { checkArguments, countMismatch, typeMismatch } from './prototypes.ts';
import { recorded, recordedOperand, stackCall, symbolicAddress } from './recorded.ts';
import type { KnownAggregation } from './scope.ts';
import { shapeOf } from './shapes.ts';
import type { TypedAction, TypedExpr } from './typed.ts';

type CallNode = Extract<Expr, { readonly kind: 'call' }>;
type Handler = (env: Env, node: CallNode, name: ActionName) => TypedAction | undefined;

const HANDLERS: Readonly<Record<ActionName, Handler>> = {
  trace: (env, node) => traced(env, node, 'trace'),
  print: (env, node) => traced(env, node, 'print'),
  tracemem,
  disasm,
  printm,
  pcap,
  printf: formatted,
  system: formatted,
  freopen,
  printa,
  stack: stackCall,
  ustack: stackCall,
  jstack: stackCall,
  sym: symbolic,
  func: symbolic,
  mod: symbolic,
  usym: symbolic,
  ufunc: symbolic,
  umod: symbolic,
  uaddr: symbolic,
  exit: exitAction,
  speculate: ofInt,
  commit: ofInt,
  discard: ofInt,
  raise: ofInt,
  chill: ofInt,
  clear: ofAggregation,
  denormalize: ofAggregation,
  trunc: scaledAggregation,
  normalize: scaledAggregation,
  setopt,
  ftruncate: plain,
  stop: plain,
  breakpoint: plain,
  panic: plain,
};

/** The statement that calls action `name`; undefined when it is in error. */
export function action(env: Env, node: CallNode, name: ActionName): TypedAction | undefined {
  const row: ActionDef = ACTIONS[name];
  if (row.destructive) env.usage.destructive.add(name);
  return HANDLERS[name](env, node, name);
}

function reportCount(env: Env, tag: Tag, node: CallNode, name: string, expected: number): undefined {
  const message = countMismatch(`${name}( )`, node.arguments.length, expected);
  fail(env, tag, node.span, { message });
  return undefined;
}

// ---------------------------------------------------------------------------------------------- recording values

function traced(env: Env, node: CallNode, name: 'trace' | 'print'): TypedAction | undefined {
  if (node.arguments.length !== 1) return reportCount(env, 'D_PROTO_LEN', node, name, 1);
  if (name === 'print' && isAllRegisters(env, node.arguments[0]!)) {
    noteRegisters(env);
    return { kind: 'registers' };
  }
  const operand = recordedOperand(env, node.arguments[0]!);
  const family = name === 'trace' ? 'D_TRACE' : 'D_PRINT';
  if (operand.kind === 'aggregation') {
    const hint = `use printa(@${operand.name})`;
    fail(env, `${family}_AGG`, operand.span, { name }, { hint });
    return undefined;
  }
  if (operand.kind === 'translated') {
    if (operand.isView && name === 'print') {
      return { kind: 'print', ...recorded(env, inMemory(env, operand)), pointed: false };
    }
    fail(env, `${family}_DYN`, operand.span, { name }, { hint: 'name one of its members' });
    return undefined;
  }
  if (isVoid(operand.type)) {
    fail(env, `${family}_VOID`, operand.span, { name });
    return undefined;
  }
  if (name === 'trace') return { kind: 'trace', ...recorded(env, operand) };
  const shape = pointeeShape(env, operand);
  return shape === undefined
    ? { kind: 'print', ...recorded(env, operand), pointed: false }
    : { kind: 'print', expr: operand, shape, pointed: true };
}

/** `regs` means the registers of the event, unless the program has such a variable. */
function isAllRegisters(env: Env, expr: Expr): boolean {
  return expr.kind === 'identifier' && expr.name === 'regs' && !env.scope.globals.has('regs');
}

/** print() of a pointer prints what it points to, as bytes of that type. Pointers to void have nothing to show. */
function pointeeShape(env: Env, operand: TypedExpr): ValueShape | undefined {
  // An array is printed whole, not as the pointer it could be.
  const type = resolve(operand.type).kind === 'pointer' ? referent(operand.type) : undefined;
  const { sizeBytes } = type ? shapeOf(type, env.context.options.strsize) : { sizeBytes: 0 };
  return type === undefined || sizeBytes === 0
    ? undefined
    : { kind: 'bytes', sizeBytes, signed: false, type };
}

function tracemem(env: Env, node: CallNode): TypedAction | undefined {
  const [addressNode, sizeNode, dynamicNode, extra] = node.arguments;
  if (extra !== undefined) {
    fail(env, 'D_TRACEMEM_ARGS', node.span);
    return undefined;
  }
  if (addressNode === undefined || sizeNode === undefined) {
    const bound = 'at least ';
    const message = countMismatch('tracemem( )', node.arguments.length, 2, 'arg', bound);
    fail(env, 'D_PROTO_LEN', node.span, { message });
    return undefined;
  }
  const address = env.checkExpr(env, addressNode);
  if (!isValue(address) || !(isPointer(address.type) || isInteger(address.type))) {
    const message = typeMismatch('tracemem( )', 1, 'pointer or integer', operandText(address));
    fail(env, 'D_TRACEMEM_ADDR', address.span, { message });
    return undefined;
  }
  const size = env.checkExpr(env, sizeNode);
  if (!isValue(size) || !isConstant(size) || size.value <= 0n || size.value > MAX_TRACEMEM) {
    fail(env, 'D_TRACEMEM_SIZE', sizeNode.span);
    return undefined;
  }
  const dynamicSize = dynamicNode && scalarOperand(env, dynamicNode, 'D_TRACEMEM_DYNSIZE', 'tracemem');
  return { kind: 'tracemem', expr: address, sizeBytes: Number(size.value), dynamicSize };
}

function disasm(env: Env, node: CallNode): TypedAction | undefined {
  const [addressNode, countNode] = node.arguments;
  if (addressNode === undefined || countNode === undefined || node.arguments.length > 2)
    return reportCount(env, 'D_PROTO_LEN', node, 'disasm', 2);
  const address = env.checkExpr(env, addressNode);
  if (!isValue(address) || !(isPointer(address.type) || isInteger(address.type))) {
    const message = typeMismatch('disasm( )', 1, 'pointer or integer', operandText(address));
    fail(env, 'D_PROTO_ARG', address.span, { message });
    return undefined;
  }
  const count = env.checkExpr(env, countNode);
  if (!isValue(count) || !isConstant(count) || count.value <= 0n || count.value > MAX_DISASM) {
    const wanted = `integer constant from 1 to ${MAX_DISASM}`;
    const message = typeMismatch('disasm( )', 2, wanted, operandText(count));
    fail(env, 'D_PROTO_ARG', countNode.span, { message });
    return undefined;
  }
  return { kind: 'disasm', expr: address, count: Number(count.value) };
}

/** More is no look at a place any more, and each instruction may be 15 bytes to record. */
const MAX_DISASM = 256n;

/** printm(n, p) is tracemem(p[0], n, p[1]): p is a pair of address and size, as memref() makes. */
function printm(env: Env, node: CallNode): TypedAction | undefined {
  const [sizeNode, pair] = node.arguments;
  if (sizeNode === undefined || pair === undefined || node.arguments.length > 2) {
    return reportCount(env, 'D_PROTO_LEN', node, 'printm', 2);
  }
  const size = env.checkExpr(env, sizeNode);
  if (!isValue(size) || !isConstant(size) || size.value <= 0n || size.value > MAX_TRACEMEM) {
    fail(env, 'D_PRINTM_SIZE', sizeNode.span);
    return undefined;
  }
  const operand = env.checkExpr(env, pair);
  const words = isValue(operand) ? referent(operand.type) : undefined;
  if (words === undefined || !isInteger(words)) {
    const message = typeMismatch('printm( )', 2, 'uintptr_t *, as of memref( )', operandText(operand));
    fail(env, 'D_PRINTM_ADDR', pair.span, { message });
    return undefined;
  }
  const address = wordOf(env, pair, 0n);
  const dynamicSize = wordOf(env, pair, 1n);
  return address && { kind: 'tracemem', expr: address, sizeBytes: Number(size.value), dynamicSize };
}

function wordOf(env: Env, object: Expr, value: bigint): TypedExpr | undefined {
  const { span } = object;
  const text = String(value);
  const index: Expr = { kind: 'integer', span, value, text, decimal: true, unsigned: false, longs: 0 };
  const operand = env.checkExpr(env, { kind: 'index', span, object, indices: [index] });
  return isValue(operand) ? operand : undefined;
}

/** The arguments are checked but not recorded: the action faults. */
function pcap(env: Env, node: CallNode): TypedAction | undefined {
  const [packet, protocol] = node.arguments;
  if (packet === undefined || protocol === undefined || node.arguments.length > 2) {
    return reportCount(env, 'D_PROTO_LEN', node, 'pcap', 2);
  }
  const address = env.checkExpr(env, packet);
  if (!isValue(address) || !(isPointer(address.type) || isInteger(address.type))) {
    const message = typeMismatch('pcap( )', 1, 'pointer or integer', operandText(address));
    fail(env, 'D_PCAP_ADDR', packet.span, { message });
    return undefined;
  }
  const number = env.checkExpr(env, protocol);
  if (!isValue(number) || !isInteger(number.type)) {
    const message = typeMismatch('pcap( )', 2, 'integer', operandText(number));
    fail(env, 'D_PCAP_PROTO', protocol.span, { message });
    return undefined;
  }
  return { kind: 'pcap' };
}

/** A record must fit a principal buffer; larger regions are a slip of the finger. */
const MAX_TRACEMEM = 1n << 24n;

function scalarOperand(env: Env, expr: Expr, tag: Tag, name: string): TypedExpr | undefined {
  const operand = env.checkExpr(env, expr);
  if (isValue(operand) && (isScalar(operand.type) || isError(operand.type))) return operand;
  fail(env, tag, expr.span, { name });
  return undefined;
}

function symbolic(env: Env, node: CallNode): TypedAction | undefined {
  const address = symbolicAddress(env, node);
  return address && { kind: 'trace', ...recorded(env, address) };
}

// ---------------------------------------------------------------------------------------------- formats

function formatted(env: Env, node: CallNode, name: ActionName): TypedAction | undefined {
  const [formatNode, ...args] = node.arguments;
  if (formatNode === undefined) {
    const message = countMismatch(`${name}( )`, 0, 1, 'arg', 'at least ');
    fail(env, 'D_PROTO_LEN', node.span, { message });
    return undefined;
  }
  const format = formatOf(env, name, formatNode, node.span);
  if (format === undefined) return undefined;
  const values = printfValues(env, name, format, args, node.span);
  return { kind: name as 'printf' | 'system' | 'freopen', format, values };
}

/** What the consumer of a record takes for the request to restore the output; written as freopen(""). */
const FREOPEN_SENTINEL = '.';

function freopen(env: Env, node: CallNode, name: ActionName): TypedAction | undefined {
  const bytes = node.arguments[0] && formatBytes(env, node.arguments[0]);
  if (bytes?.length === 1 && bytes[0] === FREOPEN_SENTINEL.charCodeAt(0)) {
    fail(env, 'D_FREOPEN_INVALID', node.arguments[0]?.span ?? node.span, { name, path: FREOPEN_SENTINEL });
    return undefined;
  }
  return formatted(env, node, name);
}

function printa(env: Env, node: CallNode): TypedAction | undefined {
  const [first, ...rest] = node.arguments;
  const hasFormat = first !== undefined && !isAggregation(first);
  const aggregationNodes = hasFormat ? rest : node.arguments;
  if (aggregationNodes.length === 0) {
    const expected = node.arguments.length + 1;
    const message = `printa( ) prototype mismatch: ${node.arguments.length} args passed, ${expected} expected`;
    fail(env, 'D_PRINTA_PROTO', node.span, { message });
    return undefined;
  }
  const format = hasFormat ? formatOf(env, 'printa', first, node.span) : undefined;
  const known = aggregationNodes.map((expr, i) =>
    aggregationArgument(env, 'printa', i + (hasFormat ? 2 : 1), expr, 'D_PRINTA_AGGARG', 'D_PRINTA_AGGBAD'),
  );
  if ((hasFormat && format === undefined) || !known.every((each) => each !== undefined)) return undefined;
  const aggregations = known as readonly KnownAggregation[];
  for (const other of aggregations.slice(1)) sameKeys(env, node, aggregations[0]!, other);
  if (format) {
    const keys = aggregations[0]!.typed.keys.map((key) => key.type);
    checkPrintaFormat(env, format, keys, node.span);
  }
  return { kind: 'printa', format, aggregations: aggregations.map((each) => each.typed.id) };
}

function isAggregation(expr: Expr): boolean {
  return expr.kind === 'aggregation' || (expr.kind === 'index' && expr.object.kind === 'aggregation');
}

function sameKeys(env: Env, node: CallNode, first: KnownAggregation, other: KnownAggregation): void {
  const [a, b] = [first.typed, other.typed];
  const count = (n: number) => `${n} key${n === 1 ? '' : 's'}`;
  if (a.keys.length !== b.keys.length) {
    const args = { a: a.name, b: b.name, na: count(a.keys.length), nb: count(b.keys.length) };
    fail(env, 'D_PRINTA_AGGKEY', node.span, args);
    return;
  }
  for (const [i, key] of a.keys.entries()) {
    const found = b.keys[i]!;
    const isSame = key.kind === found.kind && (key.kind === 'int' || sameType(key.type, found.type));
    if (isSame) continue;
    fail(env, 'D_PRINTA_AGGPROTO', node.span, {
      a: a.name,
      b: b.name,
      number: i + 1,
      nameA: `@${a.name}`.padStart(9),
      typeA: typeText(key.type),
      nameB: `@${b.name}`.padStart(9),
      typeB: typeText(found.type),
    });
    return;
  }
}

// ---------------------------------------------------------------------------------------------- aggregations

/** `@name` as an argument: the aggregation, which an earlier statement must have assigned. */
function aggregationArgument(
  env: Env,
  name: string,
  number: number,
  expr: Expr,
  wrongKind: Tag,
  unknown: Tag,
): KnownAggregation | undefined {
  if (expr.kind === 'aggregation') {
    const known = env.scope.aggregations.get(expr.name);
    if (known === undefined) fail(env, unknown, expr.span, { name: expr.name });
    return known;
  }
  const found = operandText(env.checkExpr(env, expr));
  const message = typeMismatch(`${name}( )`, number, 'aggregation', found);
  const hint = isAggregation(expr) ? { hint: 'name the whole aggregation, without keys' } : {};
  fail(env, wrongKind, expr.span, { message }, hint);
  return undefined;
}

/** Tags by action: an action's own family. */
const FAMILIES = {
  clear: 'D_CLEAR',
  denormalize: 'D_NORMALIZE',
  normalize: 'D_NORMALIZE',
  trunc: 'D_TRUNC',
} as const;

function ofAggregation(env: Env, node: CallNode, name: ActionName): TypedAction | undefined {
  const kind = name as 'clear' | 'denormalize';
  const family = FAMILIES[kind];
  if (node.arguments.length !== 1) return reportArgs(env, `${family}_PROTO`, node, name, '1 expected');
  const [expr] = node.arguments;
  const known = aggregationArgument(env, name, 1, expr!, `${family}_AGGARG`, `${family}_AGGBAD`);
  return known && { kind, aggregation: known.typed.id };
}

function scaledAggregation(env: Env, node: CallNode, name: ActionName): TypedAction | undefined {
  const kind = name as 'trunc' | 'normalize';
  const family = FAMILIES[kind];
  const count = node.arguments.length;
  if (kind === 'normalize' && count !== 2)
    return reportArgs(env, `${family}_PROTO`, node, name, '2 expected');
  if (count < 1) return reportArgs(env, `${family}_PROTO`, node, name, 'at least 1 expected');
  if (count > 2) return reportArgs(env, `${family}_PROTO`, node, name, 'no more than 2 expected');
  const [expr, amount] = node.arguments;
  const known = aggregationArgument(env, name, 1, expr!, `${family}_AGGARG`, `${family}_AGGBAD`);
  const value = amount && scalarOperand(env, amount, `${family}_SCALAR`, name);
  if (known === undefined || (amount !== undefined && value === undefined)) return undefined;
  const shape = value && shapeOf(value.type, env.context.options.strsize);
  return { kind, aggregation: known.typed.id, expr: value, shape };
}

function reportArgs(env: Env, tag: Tag, node: CallNode, name: string, expected: string): undefined {
  const message = `${name}( ) prototype mismatch: ${node.arguments.length} args passed, ${expected}`;
  fail(env, tag, node.span, { message });
  return undefined;
}

// ---------------------------------------------------------------------------------------------- control

function intArgument(env: Env, node: CallNode, name: string): TypedExpr | undefined {
  const signature = { returns: { kind: 'void' } as const, parameters: [INT], required: 1 };
  const operands: readonly Operand[] = node.arguments.map((argument) => env.checkExpr(env, argument));
  return checkArguments(env, `${name}( )`, signature, operands, node.span)[0];
}

function exitAction(env: Env, node: CallNode): TypedAction | undefined {
  const status = intArgument(env, node, 'exit');
  return status && { kind: 'exit', ...recorded(env, convert(status, INT)) };
}

function ofInt(env: Env, node: CallNode, name: ActionName): TypedAction | undefined {
  const expr = intArgument(env, node, name);
  return expr && { kind: name as 'speculate' | 'commit' | 'discard' | 'raise' | 'chill', expr };
}

function plain(env: Env, node: CallNode, name: ActionName): TypedAction | undefined {
  if (node.arguments.length > 0) return reportCount(env, 'D_PROTO_LEN', node, name, 0);
  return { kind: name as 'ftruncate' | 'stop' | 'breakpoint' | 'panic' };
}

function setopt(env: Env, node: CallNode): TypedAction | undefined {
  const { arguments: args } = node;
  if (args.length < 1 || args.length > 2) {
    const message = countMismatch('setopt( )', args.length, 1, 'arg', 'at least ');
    fail(env, 'D_PROTO_LEN', node.span, { message });
    return undefined;
  }
  const texts = args.map((argument, i) => {
    const bytes = formatBytes(env, argument);
    if (bytes !== undefined) return bytes;
    const found = operandText(env.checkExpr(env, argument));
    const message = typeMismatch('setopt( )', i + 1, 'string constant', found);
    fail(env, 'D_PROTO_ARG', argument.span, { message });
    return undefined;
  });
  const [name, value] = texts;
  return name && { kind: 'setopt', name, value };
}
