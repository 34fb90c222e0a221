/**
 * What every function of the checker is handed: where names are looked up, what the program has been seen to use, and
 * how to report.
 *
 * A clause or declaration in error is reported once: the first `fail` counts, the rest of the unit is still checked, so
 * that what it declares is known to later clauses, but in silence. Expressions in error have the type `error`.
 */
import type { DiagnosticArgs, Diagnostics, ReportOptions } from '../diag/diagnostics.ts';
import type { Span } from '../diag/span.ts';
import type { Tag } from '../diag/tags.ts';
import type { ActionName } from '../dif/actions.ts';
import type { ProbePattern } from '../dif/program.ts';
import type { SubrName } from '../dif/subroutines.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import type { Expr } from '../syntax/ast.ts';
import { DYNAMIC, ERROR } from '../types/intrinsic.ts';
import { typeText } from '../types/text.ts';
import type { SpecialType, Type } from '../types/type.ts';
import type { ProbeCatalog } from './catalog.ts';
import type { Scope, Translator } from './scope.ts';
import type { TypedExpr } from './typed.ts';

export interface CheckOptions {
  readonly strsize: number;
  /** Descriptions that match nothing are allowed (-Z). */
  readonly zdefs: boolean;
  /** Default depths of stack(), ustack() and jstack(); dtrace's own when absent. */
  readonly stackframes?: number;
  readonly ustackframes?: number;
  readonly jstackframes?: number;
  /** Largest constant alloca(); unchecked when absent. */
  readonly scratchsize?: number;
  /** Names that libraries bind to a later version of the language are unknown; all are known when absent. */
  readonly version?: string;
  /** Least stability of the names a program uses; unchecked when absent. */
  readonly amin?: string;
  /** There is a $target, whose user addresses %A may print; absent is false. */
  readonly hasTarget?: boolean;
}

export interface CheckContext {
  readonly scope: Scope;
  readonly catalog: ProbeCatalog;
  readonly options: CheckOptions;
  readonly name: string;
  readonly kind: 'script' | 'library' | 'provider' | 'module' | 'function' | 'name' | 'id';
}

/** What the program as a whole turns out to use. */
export interface Usage {
  readonly needs: { -readonly [need in keyof SourceNeeds]: SourceNeeds[need] };
  readonly destructive: Set<ActionName | SubrName>;
  /** Least of the names met so far, name/data/class. */
  stability: string;
}

/** The unit (clause or declaration) being checked. */
export interface Unit {
  diags: Diagnostics;
  failed: boolean;
  /** The failure is about an action, which is looked at when all of the clause has its types (LATE). */
  late: boolean;
  /** The failure was a name that is not known yet, so checking the predicate first may help (d-language.md 3.8). */
  undefinedName: boolean;
  /** Expressions checked so far, those of expanded inlines included. */
  expressions: number;
  /** Calls so far of subroutines that need -w. */
  destructiveCalls: number;
}

/** `@name` or `@name[…]` where a value is expected. */
export interface AggregationOperand {
  readonly kind: 'aggregation';
  readonly type: SpecialType;
  readonly span: Span;
  readonly name: string;
}

/** The result of `xlate`: no value until a member of it is asked for. */
export interface TranslatedOperand {
  readonly kind: 'translated';
  readonly type: SpecialType;
  readonly span: Span;
  readonly translator: Translator;
  readonly input: TypedExpr;
  readonly pointer: boolean;
  /** It names a probe's raw arguments, at no cost: print() shows it whole. */
  readonly isView?: true;
}

/** What an expression may turn out to be. Those of dynamic type are no values. */
export type Operand = TypedExpr | AggregationOperand | TranslatedOperand;

export interface Env {
  readonly context: CheckContext;
  readonly scope: Scope;
  readonly usage: Usage;
  readonly unit: Unit;
  /** The clause's descriptions; absent outside clauses. */
  readonly patterns: readonly ProbePattern[] | undefined;
  /** Parameters of the inline or translator whose expression is being checked, and enumerators in a comparison. */
  readonly locals: ReadonlyMap<string, Operand>;
  /** The expression checker, so that its parts need not import each other in a circle. */
  readonly checkExpr: (env: Env, expr: Expr) => Operand;
}

export const NO_LOCALS: ReadonlyMap<string, Operand> = new Map();

/** Names and types of a whole clause are found before its actions are held against their rules (d-language.md 6.2). */
const LATE =
  /^D_(CG|COMM|DREC|SPEC|ACT|EXIT|PRINT|PRINTF|PRINTA|PRINTM|TRACE|TRACEMEM|CLEAR|TRUNC|NORMALIZE|U?STACK|L?LQUANT|FREOPEN)_|^D_AGG_(COMM|SPEC|NULL|SCALAR)$/;

export function fail(
  env: Env,
  tag: Tag,
  span: Span | undefined,
  args: DiagnosticArgs = {},
  options: ReportOptions = {},
): void {
  const late = LATE.test(tag);
  if (env.unit.failed && (late || !env.unit.late)) return;
  if (env.unit.late) env.unit.diags.list.pop();
  env.unit.failed = true;
  env.unit.late = late;
  env.unit.undefinedName = tag === 'D_IDENT_UNDEF' || tag === 'D_VAR_UNDEF';
  env.unit.diags.report(tag, span, args, options);
}

export function errorExpr(span: Span): TypedExpr {
  return { kind: 'integer', value: 0n, type: ERROR, span };
}

/** `fail`, and the expression that stands for what failed. */
export function failed(
  env: Env,
  tag: Tag,
  span: Span,
  args: DiagnosticArgs = {},
  options: ReportOptions = {},
): TypedExpr {
  fail(env, tag, span, args, options);
  return errorExpr(span);
}

export function isValue(operand: Operand): operand is TypedExpr {
  return operand.kind !== 'aggregation' && operand.kind !== 'translated';
}

export function aggregationOperand(name: string, span: Span): AggregationOperand {
  return { kind: 'aggregation', type: DYNAMIC, span, name };
}

/** The operand's type as messages show it; dynamic ones by what they are. */
export function operandText(operand: Operand): string {
  if (operand.kind === 'aggregation') return 'aggregation';
  if (operand.kind !== 'translated') return typeText(operand.type);
  return typeText(translatedType(operand));
}

function translatedType(operand: TranslatedOperand): Type {
  const { output } = operand.translator;
  return operand.pointer ? { kind: 'pointer', to: output } : output;
}

/** Check an expression that must have a value; `operator` is named in the message when it has none. */
export function checkValue(env: Env, expr: Expr, operator: string): TypedExpr {
  return asValue(env, env.checkExpr(env, expr), operator);
}

/**
 * Most operators refuse what has no value because its type is none of those they take; these take any type, so they
 * refuse it for being dynamic.
 */
const TAKES_ANY_TYPE: ReadonlySet<string> = new Set([',', '?:', '=']);

export function asValue(env: Env, operand: Operand, operator: string): TypedExpr {
  if (isValue(operand)) return operand;
  if (TAKES_ANY_TYPE.has(operator)) {
    return failed(env, 'D_OP_DYN', operand.span, { operator }, dynamicHint(operand));
  }
  const type: Type = { kind: 'dynamic', of: operandText(operand) };
  return { kind: 'integer', value: 0n, type, span: operand.span };
}

function dynamicHint(operand: AggregationOperand | TranslatedOperand): { readonly hint: string } {
  if (operand.kind === 'translated') return { hint: 'name one of its members' };
  return { hint: `an aggregation has no value to compute with; printa(@${operand.name}) prints it` };
}
