/** For the tests of the syntax room: parse a text and see its tree without spans, and its errors as lines. */
import { Diagnostics } from '../../src/diag/diagnostics.ts';
import { type SourceText, sourceText } from '../../src/diag/span.ts';
import type { Expr, Item, Program, Statement } from '../../src/syntax/ast.ts';
import { type ParseOptions, parse } from '../../src/syntax/parse.ts';

export interface Parsed {
  readonly program: Program;
  readonly text: SourceText;
  readonly diags: Diagnostics;
  /** `TAG message [text at the span]`. */
  readonly errors: string[];
}

/** Types are the names that end in _t; $1 is the first of `args`. */
export function parseText(
  source: string,
  options: Partial<ParseOptions> & { readonly args?: readonly string[] } = {},
): Parsed {
  const { args = [], ...rest } = options;
  const diags = new Diagnostics();
  const text = sourceText('script', 'test.d', source);
  const program = parse(text, diags, {
    kind: 'script',
    isTypeName: (name) => name.endsWith('_t'),
    isIdentifier: () => false,
    macros: { args, programName: 'test.d', variables: { pid: 42n, target: 7n }, used: new Set() },
    setOption: () => undefined,
    flag: () => false,
    ...rest,
  });
  const errors = diags.list.map(({ tag, message, span }) => {
    const place = span ? ` [${source.slice(span.start, span.end)}]` : '';
    return `${tag} ${message}${place}`;
  });
  return { program, text, diags, errors };
}

/** The statements of `BEGIN { body }`. */
export function parseBody(body: string, options: Parameters<typeof parseText>[1] = {}): readonly Statement[] {
  const { program, errors } = parseText(`BEGIN { ${body} }`, options);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  const [clause] = program.items;
  return clause?.kind === 'clause' ? (clause.body ?? []) : [];
}

/** The expression that a body consists of. */
export function parseExpr(text: string, options: Parameters<typeof parseText>[1] = {}): Expr {
  const [statement] = parseBody(text, options);
  if (statement?.kind !== 'expression') throw new Error(`not an expression: ${text}`);
  return statement.expression;
}

/** A tree as plain data without spans, fit for comparison. */
export function bare(node: unknown): unknown {
  if (node instanceof Uint8Array) return Array.from(node);
  if (Array.isArray(node)) return node.map(bare);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => key !== 'span' && value !== undefined)
      .map(([key, value]) => [key, bare(value)]),
  );
}

/** An expression with every operator's grouping shown by parentheses. */
export function grouped(node: Expr): string {
  switch (node.kind) {
    case 'integer':
    case 'character':
      return node.text;
    case 'string':
      return JSON.stringify(new TextDecoder().decode(node.bytes));
    case 'identifier':
      return node.name;
    case 'aggregation':
      return `@${node.name}`;
    case 'scope':
      return node.scope;
    case 'scoped':
      return `${node.scope}->${node.name}`;
    case 'unary':
      return `(${node.operator}${grouped(node.operand)})`;
    case 'postfix':
      return `(${grouped(node.operand)}${node.operator})`;
    case 'binary':
      return `(${grouped(node.left)} ${node.operator} ${grouped(node.right)})`;
    case 'assign':
      return `(${grouped(node.target)} ${node.operator} ${grouped(node.value)})`;
    case 'conditional':
      return `(${grouped(node.condition)} ? ${grouped(node.then)} : ${grouped(node.otherwise)})`;
    case 'comma':
      return `(${grouped(node.left)}, ${grouped(node.right)})`;
    case 'index':
      return `${grouped(node.object)}[${node.indices.map(grouped).join('; ')}]`;
    case 'call':
      return `${grouped(node.callee)}(${node.arguments.map(grouped).join('; ')})`;
    case 'member':
      return `${grouped(node.object)}${node.arrow ? '->' : '.'}${node.name}`;
    case 'stringof':
      return `(stringof ${grouped(node.operand)})`;
    case 'sizeof':
      return node.of === 'type' ? '(sizeof type)' : `(sizeof ${grouped(node.operand as Expr)})`;
    case 'cast':
      return `(cast ${grouped(node.operand)})`;
    case 'xlate':
      return `(xlate ${grouped(node.operand)})`;
    case 'offsetof':
      return `(offsetof ${node.member})`;
    case 'error':
      return '<error>';
  }
}

export function kinds(items: readonly Item[]): string[] {
  return items.map((item) => item.kind);
}
