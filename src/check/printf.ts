/**
 * Format strings of printf(), printa(), system() and freopen(), held against what is to be printed (d-language.md 8.3).
 */
import { Bug } from '../base/assert.ts';
import type { Span } from '../diag/span.ts';
import { type ArgumentClass, conversionNamed } from '../dif/conversions.ts';
import { type Conversion, type PrintfFormat, parseFormat } from '../dif/printf-format.ts';
import type { Expr } from '../syntax/ast.ts';
import { isCharArray, isInteger, resolve } from '../types/relations.ts';
import { typeText } from '../types/text.ts';
import type { Type } from '../types/type.ts';
import { type Env, fail, isValue, type Operand, operandText } from './env.ts';
import { quotesHint } from './mismatch.ts';
import { typeMismatch } from './prototypes.ts';
import { AGGREGATED, recorded, recordedOperand, stackCall } from './recorded.ts';
import type { TypedStack, TypedValue } from './typed.ts';

/** An argument of printf(): an operand as in any expression, or the stack of the firing. */
type PrintfOperand = Operand | StackOperand;
interface StackOperand {
  readonly stack: TypedStack;
  readonly span: Span;
}

function printfOperand(env: Env, arg: Expr): PrintfOperand {
  const stack = stackCall(env, arg);
  return stack ? { stack, span: arg.span } : recordedOperand(env, arg);
}

/** The type that decides which conversions take an argument; undefined for what has no value. */
function printedType(operand: PrintfOperand): Type | undefined {
  if ('stack' in operand) return operand.stack.shape.type;
  return isValue(operand) ? operand.type : undefined;
}

function foundText(operand: PrintfOperand): string {
  return 'stack' in operand ? typeText(operand.stack.shape.type) : operandText(operand);
}

function printedValue(env: Env, operand: PrintfOperand): readonly (TypedValue | TypedStack)[] {
  if ('stack' in operand) return [operand.stack];
  return isValue(operand) ? [recorded(env, operand)] : [];
}

/** Argument classes that a type belongs to, as conversions.ts defines them. */
function classesOf(type: Type): ReadonlySet<ArgumentClass> {
  const classes = new Set<ArgumentClass>();
  const resolved = resolve(type);
  if (isInteger(type)) {
    classes.add('integer');
    const sizeBytes = resolved.kind === 'int' ? resolved.sizeBytes : 4;
    if (sizeBytes <= 4) classes.add('smallInteger');
    if (sizeBytes === 2) classes.add('port');
    if (sizeBytes === 8) classes.add('time');
  }
  if (resolved.kind === 'string' || isCharArray(type)) classes.add('string');
  if (resolved.kind === 'array') {
    const element = resolve(resolved.of);
    if (element.kind === 'int' && element.sizeBytes === 4) classes.add('wideString');
  }
  const { kind } = resolved;
  if (
    kind === 'pointer' ||
    kind === 'float' ||
    kind === 'symaddr' ||
    kind === 'usymaddr' ||
    kind === 'stack'
  ) {
    classes.add(kind);
  }
  return classes;
}

/** The format literal that an argument must be; reported and undefined when it is not, or does not parse. */
export function formatOf(
  env: Env,
  name: string,
  expr: Expr | undefined,
  span: Span,
): PrintfFormat | undefined {
  const bytes = expr && formatBytes(env, expr);
  if (bytes === undefined) {
    const found = expr ? operandText(env.checkExpr(env, expr)) : 'none';
    const message = typeMismatch(`${name}( )`, 1, 'string constant', found);
    const hint = expr && quotesHint(expr.span);
    fail(env, 'D_PRINTF_ARG_FMT', expr?.span ?? span, { message }, hint === undefined ? {} : { hint });
    return undefined;
  }
  if (bytes.length === 0 && name !== 'freopen') {
    fail(env, 'D_PRINTF_FMT_EMPTY', expr!.span, { name });
    return undefined;
  }
  const format = parseFormat(bytes);
  if (!('error' in format)) return format;
  fail(env, 'D_SYNTAX', expr!.span, { message: format.error });
  return undefined;
}

/** The bytes of a string literal, also of one that an inline stands for. */
export function formatBytes(env: Env, expr: Expr): Uint8Array | undefined {
  if (expr.kind === 'string') return expr.bytes;
  if (expr.kind !== 'identifier') return undefined;
  const operand = env.checkExpr(env, expr);
  return operand.kind === 'string' ? operand.bytes : undefined;
}

function conversionsOf(format: PrintfFormat): readonly Conversion[] {
  return format.pieces.filter((piece): piece is Conversion => piece.kind === 'conversion');
}

/** The values that printf-like actions print, one per conversion and per `*`. */
export function printfValues(
  env: Env,
  name: string,
  format: PrintfFormat,
  args: readonly Expr[],
  span: Span,
): readonly (TypedValue | TypedStack)[] {
  const operands = args.map((arg) => printfOperand(env, arg));
  let next = 0;
  for (const conversion of conversionsOf(format)) {
    if (conversion.flags.aggregation) {
      fail(env, 'D_PRINTF_AGG_CONV', span, { name });
      return [];
    }
    for (const what of ['width', 'precision'] as const) {
      if (conversion[what] === 'argument')
        checkField(env, name, conversion, what, operands[next], next++, span);
    }
    checkConversion(env, name, conversion, operands[next], next++, span);
  }
  if (operands.length > next) fail(env, 'D_PRINTF_ARG_EXTRA', args[next]!.span, { name, count: next });
  return operands.flatMap((operand) => printedValue(env, operand));
}

/** `*`: a field's width or precision is an int of its own. */
function checkField(
  env: Env,
  name: string,
  conversion: Conversion,
  what: 'width' | 'precision',
  operand: PrintfOperand | undefined,
  position: number,
  span: Span,
): void {
  const { index: number, letters } = conversion;
  if (operand === undefined) {
    const words = what === 'width' ? 'output width' : 'output precision';
    fail(env, 'D_PRINTF_DYN_PROTO', span, { name, number, letters, what: words });
    return;
  }
  const type = printedType(operand);
  if (type && (type.kind === 'error' || classesOf(type).has('smallInteger'))) return;
  const message = conversionMismatch(
    name,
    conversion,
    position,
    `${letters} (${what})`,
    'int',
    foundText(operand),
  );
  fail(env, 'D_PRINTF_DYN_TYPE', operand.span, { message });
}

function checkConversion(
  env: Env,
  name: string,
  conversion: Conversion,
  operand: PrintfOperand | undefined,
  position: number,
  span: Span,
): void {
  const { index: number, letters } = conversion;
  if (operand === undefined) {
    fail(env, 'D_PRINTF_ARG_PROTO', span, { name, number, letters });
    return;
  }
  const row = conversionRow(letters);
  const type = printedType(operand);
  if (type && accepts(env, row.accepts, type)) return;
  const message = conversionMismatch(name, conversion, position, letters, row.prototype, foundText(operand));
  fail(env, 'D_PRINTF_ARG_TYPE', operand.span, { message }, conversionHint(operand, letters));
}

/** parseFormat accepts no conversion without a row. */
function conversionRow(letters: string) {
  const row = conversionNamed(letters);
  if (row === undefined) throw new Bug('check', `no conversion ${letters}`);
  return row;
}

function accepts(env: Env, wanted: readonly ArgumentClass[], type: Type): boolean {
  if (type.kind === 'error') return true;
  const classes = new Set(classesOf(type));
  const isAddress = classes.has('integer') || classes.has('pointer');
  if (isAddress && env.context.options.hasTarget) classes.add('targetAddress');
  return wanted.some((candidate) => classes.has(candidate));
}

function conversionMismatch(
  name: string,
  conversion: Conversion,
  position: number,
  letters: string,
  prototype: string,
  found: string,
): string {
  const first = `${name}( ) argument #${position + 2} is incompatible with conversion #${conversion.index} prototype:`;
  return `${first}\n\tconversion: %${letters}\n\t prototype: ${prototype}\n\t  argument: ${found}`;
}

function conversionHint(operand: PrintfOperand, letters: string): { readonly hint?: string } {
  if ('stack' in operand) return { hint: 'a stack is printed with %k' };
  if (operand.kind === 'aggregation') return { hint: 'aggregations are printed with printa()' };
  if (!isValue(operand)) return {};
  const classes = classesOf(operand.type);
  if (classes.has('string')) return { hint: 'a string is printed with %s' };
  if (classes.has('pointer') && /[sS]$/.test(letters)) {
    return { hint: 'stringof() takes the text that a pointer points to' };
  }
  if (classes.has('pointer') && /[diouxX]$/.test(letters)) {
    return { hint: 'a pointer is printed with %p, or cast to (uintptr_t)' };
  }
  if (classes.has('integer') && /[sS]$/.test(letters)) {
    return { hint: 'a number is printed with %d or %x; stringof() takes it for the address of a string' };
  }
  if (classes.has('integer') && /[TY]$/.test(letters)) {
    return { hint: 'times are 64-bit: walltimestamp, or a cast to (int64_t)' };
  }
  return {};
}

/** What printa prints: keys by number, then aggregated values. Fewer conversions than keys are allowed. */
export function checkPrintaFormat(env: Env, format: PrintfFormat, keys: readonly Type[], span: Span): void {
  let next = 0;
  for (const conversion of conversionsOf(format)) {
    const { index: number, letters } = conversion;
    const row = conversionRow(letters);
    const type = conversion.flags.aggregation ? AGGREGATED : keys[next];
    const position = conversion.flags.aggregation ? 0 : next++;
    if (type === undefined) {
      const hint = `the aggregation has ${keys.length} key${keys.length === 1 ? '' : 's'}; its value is printed with %@d`;
      fail(env, 'D_PRINTF_ARG_PROTO', span, { name: 'printa', number, letters }, { hint });
      return;
    }
    if (accepts(env, row.accepts, type)) continue;
    const message = conversionMismatch(
      'printa',
      conversion,
      position,
      letters,
      row.prototype,
      typeText(type),
    );
    fail(env, 'D_PRINTF_ARG_TYPE', span, { message });
    return;
  }
}
