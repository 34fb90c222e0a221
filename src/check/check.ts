/**
 * The type checker: syntax tree → typed tree.
 *
 *   program ─┬─ declarations, inlines, translators, providers ──▶ Scope (shared by all programs of the session)
 *            └─ clauses ──▶ TypedClause: probe patterns, predicate, statements
 *
 * Compilation goes in program order: what a clause assigns, later clauses may read. It always returns a tree; whether
 * the tree is good is told by `diags.failed`. At most one diagnostic per clause or declaration (env.ts).
 *
 *   names.ts operators.ts access.ts assign.ts calls.ts expressions.ts   expressions
 *   type-names.ts declarations.ts translators.ts providers.ts           types and declarations
 *   statements.ts actions.ts aggregations.ts printf.ts order.ts         statements
 */
import { Diagnostics } from '../diag/diagnostics.ts';
import type { ProbePattern } from '../dif/program.ts';
import type { Expr, Item, Pragma, ProbeClause, ProbeSpecifier, Program } from '../syntax/ast.ts';
import { parseProbePattern, probeIdPattern } from '../syntax/probe-pattern.ts';
import { isError, isScalar, isString } from '../types/relations.ts';
import { checkDeclaration, checkInline, checkTranslator } from './declarations.ts';
import { type CheckContext, checkValue, type Env, fail, NO_LOCALS, type Unit, type Usage } from './env.ts';
import { checkExpr } from './expressions.ts';
import { readsGuestMemory } from './guest-memory.ts';
import { nameKind } from './names.ts';
import { emptyUsage, notePattern, noteThreadLocals } from './needs.ts';
import { NOTHING_RAN } from './order.ts';
import { checkProvider } from './providers.ts';
import { checkStatements } from './statements.ts';
import type { TypedClause, TypedExpr, TypedProgram, TypedStatement } from './typed.ts';

export type { CheckContext, CheckOptions } from './env.ts';

export function check(program: Program, diags: Diagnostics, context: CheckContext): TypedProgram {
  const usage = emptyUsage();
  const clauses: TypedClause[] = [];
  const { scope } = context;
  const pragmas: Pragmas = { outside: new Set(scope.globals.keys()), open: [], bindings: new Map() };
  for (const item of program.items) {
    const clause = checkItem(item, diags, context, usage, pragmas);
    if (clause) clauses.push(clause);
  }
  const keepsThreads = scope.variables.some((variable) => variable.scope === 'thread');
  if (keepsThreads && scope.kernel?.types !== undefined) noteThreadLocals(usage);
  for (const pragma of pragmas.open) checkUsed(newEnv(context, usage, diags, undefined), pragma);
  if (context.kind === 'library') hideNewer(context, pragmas.bindings);
  return {
    name: context.name,
    clauses,
    variables: [...scope.variables],
    aggregations: [...scope.aggregations.values()].map((known) => known.typed),
    needs: usage.needs,
    destructive: [...usage.destructive],
    strsize: context.options.strsize,
    stability: usage.stability,
  };
}

function newEnv(
  context: CheckContext,
  usage: Usage,
  diags: Diagnostics,
  patterns: readonly ProbePattern[] | undefined,
): Env {
  const unit: Unit = {
    diags,
    failed: false,
    late: false,
    undefinedName: false,
    expressions: 0,
    destructiveCalls: 0,
  };
  return { context, scope: context.scope, usage, unit, patterns, locals: NO_LOCALS, checkExpr };
}

function checkItem(
  item: Item,
  diags: Diagnostics,
  context: CheckContext,
  usage: Usage,
  pragmas: Pragmas,
): TypedClause | undefined {
  if (item.kind === 'clause') return checkClause(item, diags, context, usage);
  const env = newEnv(context, usage, diags, undefined);
  switch (item.kind) {
    case 'declaration':
      checkDeclaration(env, item);
      break;
    case 'inline':
      checkInline(env, item);
      break;
    case 'translator':
      checkTranslator(env, item);
      break;
    case 'provider':
      checkProvider(env, item);
      break;
    case 'pragma':
      checkPragma(env, item, pragmas);
  }
  return undefined;
}

// ---------------------------------------------------------------------------------------------- clauses

function checkClause(
  node: ProbeClause,
  diags: Diagnostics,
  context: CheckContext,
  usage: Usage,
): TypedClause {
  const env = newEnv(context, usage, diags, undefined);
  const patterns = node.probes.flatMap((probe) => checkSpecifier(env, probe) ?? []);
  for (const pattern of patterns) notePattern(usage, pattern);
  const { predicate, body } = checkParts(node, { ...env, patterns });
  const hasStatements = (node.body ?? []).some((statement) => statement.kind !== 'empty');
  const clause = { span: node.span, patterns, predicate, body, hasStatements };
  return { ...clause, readsMemory: readsGuestMemory(clause, context.scope) };
}

interface Parts {
  readonly predicate: TypedExpr | undefined;
  readonly body: readonly TypedStatement[];
}

/**
 * The body is checked before the predicate, so that `/x == 0/ { x++; }` works; when that meets an unknown name, the
 * other way round, for `/x++ < 10/ { trace(x); }` (d-language.md 3.8).
 */
function checkParts(node: ProbeClause, env: Env): Parts {
  const first = attempt(env);
  const body = checkBody(first, node);
  if (!first.unit.undefinedName || node.predicate === undefined) {
    const predicate = checkPredicate(first, node.predicate);
    keep(env, first);
    return { predicate, body };
  }
  const second = attempt(env);
  const predicate = checkPredicate(second, node.predicate);
  const again = checkBody(second, node);
  keep(env, second);
  return { predicate, body: again };
}

/** The same environment with reports of its own, to be kept or forgotten. */
function attempt(env: Env): Env {
  const { failed } = env.unit;
  return {
    ...env,
    unit: {
      diags: new Diagnostics(),
      failed,
      late: false,
      undefinedName: false,
      expressions: 0,
      destructiveCalls: 0,
    },
  };
}

function keep(env: Env, tried: Env): void {
  env.unit.failed = tried.unit.failed;
  env.unit.diags.list.push(...tried.unit.diags.list);
}

function checkBody(env: Env, node: ProbeClause): readonly TypedStatement[] {
  return checkStatements(env, node.body ?? [], NOTHING_RAN).statements;
}

function checkPredicate(env: Env, expr: Expr | undefined): TypedExpr | undefined {
  if (expr === undefined) return undefined;
  const predicate = checkValue(env, expr, 'predicate');
  if (!isError(predicate.type) && !isScalar(predicate.type)) {
    const hint = 'compare the string with something: /s != ""/';
    fail(env, 'D_PRED_SCALAR', expr.span, {}, isString(predicate.type) ? { hint } : {});
  }
  return predicate;
}

// ---------------------------------------------------------------------------------------------- probe descriptions

function checkSpecifier(env: Env, node: ProbeSpecifier): ProbePattern | undefined {
  return node.id === undefined ? checkDescription(env, node) : checkProbeId(env, node, node.id);
}

function checkDescription(env: Env, node: ProbeSpecifier): ProbePattern | undefined {
  const pattern = parseProbePattern(node.text, env.context.kind);
  if ('error' in pattern) {
    const message = `invalid probe description "${node.text}": ${pattern.error}`;
    const hint = 'a description is provider:module:function:name';
    fail(env, 'D_PDESC_INVAL', node.span, { message }, { hint });
    return undefined;
  }
  const { catalog, options } = env.context;
  if (catalog.match(pattern) === 0 && !options.zdefs) {
    const hint =
      catalog.whyNone?.(pattern) ?? 'trapline -l lists the probes there are; -Z allows none to match';
    fail(env, 'D_PDESC_ZERO', node.span, { description: pattern.text }, { hint });
  }
  return pattern;
}

/** Probe ids are 32-bit numbers. */
const MAX_PROBE_ID = 0xffffffff;

function checkProbeId(env: Env, node: ProbeSpecifier, id: number): ProbePattern | undefined {
  const { kind, catalog } = env.context;
  if (kind === 'provider' || kind === 'module' || kind === 'function') {
    const message = `probe identifier ${id} not permitted when specifying ${kind}s`;
    fail(env, 'D_PDESC_INVAL', node.span, { message });
    return undefined;
  }
  if (id > MAX_PROBE_ID) {
    fail(env, 'D_PDESC_INVAL', node.span, { message: `identifier ${id} exceeds maximum probe id` });
    return undefined;
  }
  const pattern = probeIdPattern(id);
  if (catalog.match(pattern) === 0) {
    const message = `invalid probe identifier ${id}: Unknown probe identifier`;
    fail(env, 'D_PDESC_INVAL', node.span, { message }, { hint: 'trapline -l lists probes with their ids' });
  }
  return pattern;
}

// ---------------------------------------------------------------------------------------------- pragmas

/** What pragmas about identifiers are held against. */
interface Pragmas {
  /** Globals of earlier programs and libraries, which this one may not modify. */
  readonly outside: ReadonlySet<string>;
  /** Pragmas that speak of names not met yet. */
  readonly open: IdentifierPragma[];
  /** Versions of the language that names came with. */
  readonly bindings: Map<string, string>;
}

type IdentifierPragma = Extract<Pragma, { readonly words: readonly string[] }>;

/** Options were set while parsing. */
function checkPragma(env: Env, node: Pragma, pragmas: Pragmas): void {
  if (node.pragma === 'option') return;
  if (node.pragma === 'depends_on') {
    checkDependency(env, node);
    return;
  }
  const [value, name] = node.words;
  if (value === undefined || name === undefined || name === 'provider' || name === 'translator') return;
  if (node.pragma === 'attributes') env.scope.attributes.set(name, value);
  else pragmas.bindings.set(name, value);
  if (nameKind(env, name) === undefined) pragmas.open.push(node);
  else if (!env.scope.globals.has(name) || pragmas.outside.has(name)) {
    fail(env, 'D_PRAGMA_SCOPE', node.span, { pragma: node.pragma });
  }
}

/** A pragma may come before the name it speaks of, but not instead of it. */
function checkUsed(env: Env, node: IdentifierPragma): void {
  const [, name] = node.words;
  if (nameKind(env, name!) !== undefined) return;
  const hint = `the program never defines ${name}`;
  fail(env, 'D_PRAGMA_UNUSED', node.span, { pragma: node.pragma }, { hint });
}

/** What a library offers since a later version than -x version asks for is not there (d-language.md 13.2). */
function hideNewer({ scope, options }: CheckContext, bindings: ReadonlyMap<string, string>): void {
  const { version } = options;
  if (version === undefined) return;
  for (const [name, since] of bindings) if (isNewer(since, version)) scope.globals.delete(name);
}

/** Versions are `1`, `1.2` or `1.2.3`. */
function isNewer(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  const differing = [0, 1, 2].find((i) => (left?.[i] ?? 0) !== (right?.[i] ?? 0));
  return differing !== undefined && (left?.[differing] ?? 0) > (right?.[differing] ?? 0);
}

/** Libraries are looked for by who loads them. */
function checkDependency(env: Env, node: IdentifierPragma): void {
  const [kind, name] = node.words;
  if (kind === 'library') return;
  const text = kind === 'provider' ? `${name}:::` : `:${name}::`;
  const pattern = parseProbePattern(text, 'script');
  if (!('error' in pattern) && env.context.catalog.match(pattern) > 0) return;
  const message = `program requires ${kind} ${name}`;
  const hint = `no probe has that ${kind}; trapline -l lists the probes there are`;
  fail(env, 'D_PRAGMA_DEPEND', node.span, { message }, { hint });
}
