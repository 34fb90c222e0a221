/** For the tests of the type checker: D texts through parser and checker, and what came out in few words. */
import type { ProbeCatalog } from '../../src/check/catalog.ts';
import { type CheckOptions, check } from '../../src/check/check.ts';
import { Scope } from '../../src/check/scope.ts';
import type { TypedClause, TypedExpr, TypedProgram, TypedStatement } from '../../src/check/typed.ts';
import { type Diagnostic, Diagnostics } from '../../src/diag/diagnostics.ts';
import { sourceText } from '../../src/diag/span.ts';
import { type ProgramKind, parse } from '../../src/syntax/parse.ts';
import { typeText } from '../../src/types/text.ts';

export interface Checked {
  readonly typed: TypedProgram;
  readonly diagnostics: readonly Diagnostic[];
  /** `TAG message`, one per diagnostic. */
  readonly errors: readonly string[];
  readonly scope: Scope;
}

export interface CheckSetup {
  readonly scope?: Scope;
  readonly kind?: ProgramKind;
  readonly options?: Partial<CheckOptions>;
  readonly catalog?: Partial<ProbeCatalog>;
}

/** Probes of the tests: anything but `nosuch`; `typed:::` has args[], `mixed:::` disagrees about them. */
const CATALOG: ProbeCatalog = {
  match: (pattern) => (pattern.provider === 'nosuch' || pattern.id === 99 ? 0 : 1),
  argumentTypes: (pattern) => {
    if (pattern.provider === 'mixed') return 'multiple';
    return pattern.provider === 'typed' ? ['int', 'struct in_addr *', 'nosuch_t'] : [];
  },
};

export function checkText(text: string, setup: CheckSetup = {}): Checked {
  const scope = setup.scope ?? new Scope();
  const kind = setup.kind ?? 'script';
  const diags = new Diagnostics();
  const source = sourceText(kind === 'library' ? 'library' : 'script', 'test.d', text);
  const program = parse(source, diags, {
    kind,
    isTypeName: (name) => scope.types.isTypeName(name),
    isIdentifier: (name) => scope.isIdentifier(name),
    macros: { args: [], programName: 'test.d', variables: { pid: 42n }, used: new Set() },
    setOption: () => undefined,
    flag: () => false,
  });
  const typed = check(program, diags, {
    scope,
    catalog: { ...CATALOG, ...setup.catalog },
    options: { strsize: 256, zdefs: false, ...setup.options },
    name: 'test.d',
    kind,
  });
  const errors = diags.list.map(({ tag, message }) => `${tag} ${message}`);
  return { typed, diagnostics: diags.list, errors, scope };
}

/** A text that must be right; the last clause of it. */
export function lastClause(text: string, setup: CheckSetup = {}): TypedClause {
  const { typed, errors } = checkText(text, setup);
  if (errors.length > 0) throw new Error(`${text}\n${errors.join('\n')}`);
  const clause = typed.clauses.at(-1);
  if (clause === undefined) throw new Error(`no clause: ${text}`);
  return clause;
}

/** The last statement of `prelude BEGIN { body }`. */
export function lastStatement(body: string, prelude = ''): TypedStatement {
  const statement = lastClause(`${prelude} BEGIN { ${body} }`).body.at(-1);
  if (statement === undefined) throw new Error(`no statement: ${body}`);
  return statement;
}

/** An expression as typed, where `prelude` has been declared before. */
export function typedExpr(text: string, prelude = '', body = ''): TypedExpr {
  const statement = lastStatement(`${body} trace(${text});`, prelude);
  if (statement.kind !== 'trace') throw new Error(`not traced: ${text}`);
  return statement.expr;
}

export function typeOf(text: string, prelude = '', body = ''): string {
  return typeText(typedExpr(text, prelude, body).type);
}

/** The value of a constant expression. */
export function folded(text: string, prelude = ''): bigint {
  const expr = typedExpr(text, prelude);
  if (expr.kind !== 'integer') throw new Error(`not constant: ${text} is ${expr.kind}`);
  return expr.value;
}
