/**
 * AST → text. What is printed parses to the same tree (spans aside): `parse(print(tree))` equals `tree` for every
 * tree that came from a text without errors. Bodies are printed with braces whichever spelling they had.
 *
 * Parentheses are printed where the precedence of an operand asks for them, and nowhere else.
 */
import { OPERATORS } from '../../grammar/tokens.ts';
import { assertNever } from '../base/assert.ts';
import type {
  Declarator,
  Expr,
  Item,
  MemberDeclaration,
  Parameters,
  Pragma,
  ProbeClause,
  Program,
  ProviderDefinition,
  Qualifier,
  Specifiers,
  Statement,
  TranslatorDefinition,
  TypeName,
  TypeSpecifier,
} from './ast.ts';

export function printProgram(program: Program): string {
  return program.items.map((item) => `${printItem(item)}\n`).join('');
}

function printItem(item: Item): string {
  switch (item.kind) {
    case 'clause':
      return printClause(item);
    case 'declaration':
      return `${joined(specifierWords(item.specifiers), item.declarators.map(printDeclarator).join(', '))};`;
    case 'inline':
      return `inline ${joined(specifierWords(item.specifiers), printDeclarator(item.declarator))} = ${assignmentText(item.value)};`;
    case 'translator':
      return printTranslator(item);
    case 'provider':
      return printProvider(item);
    case 'pragma':
      return printPragma(item);
    default:
      return assertNever(item, 'print');
  }
}

// ---- Clauses and statements

function printClause({ probes, predicate, body }: ProbeClause): string {
  const parts = [probes.map((probe) => probe.text).join(', ')];
  // The blanks keep an operand that begins with * or = from joining the slash.
  if (predicate) parts.push(`/ ${printExpr(predicate)} /`);
  if (body) parts.push(printBlock(body, ''));
  return parts.join('\n');
}

function printBlock(statements: readonly Statement[], indent: string): string {
  const inner = `${indent}  `;
  return `{\n${statements.map((statement) => `${inner}${printStatement(statement, inner)}\n`).join('')}${indent}}`;
}

function printStatement(statement: Statement, indent: string): string {
  switch (statement.kind) {
    case 'empty':
      return ';';
    case 'expression':
      return `${printExpr(statement.expression)};`;
    case 'if': {
      const { condition, then, otherwise } = statement;
      const start = `if (${printExpr(condition)}) ${printBlock(then, indent)}`;
      return otherwise ? `${start} else ${printBlock(otherwise, indent)}` : start;
    }
    default:
      return assertNever(statement, 'print');
  }
}

// ---- Definitions

function printTranslator({ output, input, parameter, members }: TranslatorDefinition): string {
  const lines = members.map(({ name, value }) => `  ${name} = ${assignmentText(value)};\n`).join('');
  return `translator ${printTypeName(output)} < ${printTypeName(input)} ${parameter} > {\n${lines}};`;
}

function printProvider({ name, probes }: ProviderDefinition): string {
  const lines = probes.map(({ name, native, translated }) => {
    const output = translated ? ` : ${printParameters(translated)}` : '';
    return `  probe ${name}${printParameters(native)}${output};\n`;
  });
  return `provider ${name} {\n${lines.join('')}};`;
}

function printPragma(pragma: Pragma): string {
  if (pragma.pragma === 'option') {
    return `#pragma D option ${pragma.name}${pragma.value === undefined ? '' : `=${pragma.value}`}`;
  }
  const [first = '', ...rest] = pragma.words;
  const words = pragma.pragma === 'binding' ? [`"${first}"`, ...rest] : [first, ...rest];
  return `#pragma D ${[pragma.pragma, ...words].join(' ')}`;
}

// ---- Declarations

function specifierWords({ storage, qualifiers, words, named }: Specifiers): string {
  // A named type comes before the words: after a word a name would be read as what is declared.
  const type = named ? [printTypeSpecifier(named)] : [];
  // `userland` starts no declaration at top level.
  const late = qualifiers.includes('userland');
  return [...storage, ...(late ? [] : qualifiers), ...type, ...words, ...(late ? qualifiers : [])].join(' ');
}

function joined(specifiers: string, declarator: string): string {
  return [specifiers, declarator].filter((text) => text !== '').join(' ');
}

function printTypeSpecifier(type: TypeSpecifier): string {
  switch (type.kind) {
    case 'typename':
      return type.name;
    case 'struct':
    case 'union': {
      const members = type.members && `{ ${type.members.map(printMember).join(' ')} }`;
      return [type.kind, type.tag, members].filter((part) => part !== undefined).join(' ');
    }
    case 'enum': {
      const enumerators = type.enumerators?.map(({ name, value }) =>
        value ? `${name} = ${conditionalText(value)}` : name,
      );
      const list = enumerators && `{ ${enumerators.join(', ')} }`;
      return ['enum', type.tag, list].filter((part) => part !== undefined).join(' ');
    }
    default:
      return assertNever(type, 'print');
  }
}

function printMember({ specifiers, declarators }: MemberDeclaration): string {
  const list = declarators.map(({ declarator, bits }) =>
    joined(printDeclarator(declarator), bits ? `: ${conditionalText(bits)}` : ''),
  );
  return `${joined(specifierWords(specifiers), list.join(', '))};`;
}

/** Declarators are written inside out: a suffix binds tighter than a `*` before it. */
function printDeclarator(declarator: Declarator): string {
  switch (declarator.kind) {
    case 'name':
      return declarator.name ?? '';
    case 'pointer':
      return `*${qualified(declarator.qualifiers)}${printDeclarator(declarator.inner)}`;
    case 'array':
      return `${suffixed(declarator.inner)}[${declarator.size ? conditionalText(declarator.size) : ''}]`;
    case 'associative':
      return `${suffixed(declarator.inner)}[${printParameterList(declarator.keys)}]`;
    case 'function':
      return `${suffixed(declarator.inner)}${printParameters(declarator.parameters)}`;
    default:
      return assertNever(declarator, 'print');
  }
}

function qualified(qualifiers: readonly Qualifier[]): string {
  return qualifiers.map((qualifier) => ` ${qualifier} `).join('');
}

function suffixed(inner: Declarator): string {
  return inner.kind === 'pointer' ? `(${printDeclarator(inner)})` : printDeclarator(inner);
}

function printParameters(parameters: Parameters): string {
  return `(${printParameterList(parameters)})`;
}

function printParameterList({ list, variadic }: Parameters): string {
  const texts = list.map(({ specifiers, declarator }) =>
    joined(specifierWords(specifiers), printDeclarator(declarator)),
  );
  return [...texts, ...(variadic ? ['...'] : [])].join(', ');
}

function printTypeName({ specifiers, declarator }: TypeName): string {
  return joined(specifierWords(specifiers), printDeclarator(declarator));
}

// ---- Expressions

/**
 * How tightly an expression holds together: the binary operators have the numbers of the operator table (1 to 11)
 * plus these. An operand is parenthesised when it binds less tightly than its place requires.
 */
const COMMA = -2;
const ASSIGNMENT = -1;
const CONDITIONAL = 0;
const CAST = 12;
const UNARY = 13;
const POSTFIX = 14;

export function printExpr(expression: Expr): string {
  return text(expression, COMMA);
}

function assignmentText(expression: Expr): string {
  return text(expression, ASSIGNMENT);
}

function conditionalText(expression: Expr): string {
  return text(expression, CONDITIONAL);
}

function text(expression: Expr, required: number): string {
  const printed = unparenthesised(expression);
  return binding(expression) < required ? `(${printed})` : printed;
}

function binding(expression: Expr): number {
  switch (expression.kind) {
    case 'comma':
      return COMMA;
    case 'assign':
      return ASSIGNMENT;
    case 'conditional':
      return CONDITIONAL;
    case 'binary':
      return OPERATORS[expression.operator].precedence;
    case 'cast':
      return CAST;
    case 'unary':
    case 'sizeof':
    case 'stringof':
      return UNARY;
    default:
      return POSTFIX;
  }
}

function unparenthesised(expression: Expr): string {
  switch (expression.kind) {
    case 'integer':
    case 'character':
      return expression.text;
    case 'string':
      return `"${escapeBytes(expression.bytes)}"`;
    case 'identifier':
      return expression.name;
    case 'scoped':
      return `${expression.scope}->${expression.name}`;
    case 'scope':
      return expression.scope;
    case 'aggregation':
      return `@${expression.name === '_' ? '' : expression.name}`;
    case 'unary':
      return printUnary(expression);
    case 'postfix':
      return `${text(expression.operand, POSTFIX)}${expression.operator}`;
    case 'binary':
      return printBinary(expression);
    case 'assign':
      return `${text(expression.target, UNARY)} ${expression.operator} ${text(expression.value, ASSIGNMENT)}`;
    case 'conditional':
      return `${text(expression.condition, CONDITIONAL + 1)} ? ${text(expression.then, COMMA)} : ${text(expression.otherwise, CONDITIONAL)}`;
    case 'comma':
      return `${text(expression.left, COMMA)}, ${text(expression.right, ASSIGNMENT)}`;
    case 'cast':
      return `(${printTypeName(expression.type)}) ${text(expression.operand, CAST)}`;
    case 'sizeof':
      return printSizeof(expression);
    case 'stringof':
      return `stringof ${text(expression.operand, UNARY)}`;
    case 'offsetof':
      return `offsetof(${printTypeName(expression.type)}, ${expression.member})`;
    case 'xlate':
      return `xlate <${printTypeName(expression.type)}> (${printExpr(expression.operand)})`;
    case 'index':
      return `${text(expression.object, POSTFIX)}[${expression.indices.map(assignmentText).join(', ')}]`;
    case 'call':
      return `${text(expression.callee, POSTFIX)}(${expression.arguments.map(assignmentText).join(', ')})`;
    case 'member':
      return printMemberAccess(expression);
    case 'error':
      return '0'; // trees with errors are printed to be read, not to be parsed
    default:
      return assertNever(expression, 'print');
  }
}

function printUnary({ operator, operand }: Expr & { kind: 'unary' }): string {
  const increment = operator === '++' || operator === '--';
  const inner = text(operand, increment ? UNARY : CAST);
  // `- -x` must not become `--x`.
  return /^[-+&]/.test(inner) ? `${operator} ${inner}` : `${operator}${inner}`;
}

function printBinary({ operator, left, right }: Expr & { kind: 'binary' }): string {
  const { precedence } = OPERATORS[operator];
  return `${text(left, precedence)} ${operator} ${text(right, precedence + 1)}`;
}

function printSizeof(expression: Expr & { kind: 'sizeof' }): string {
  const { operand } = expression;
  return 'kind' in operand ? `sizeof ${text(operand, UNARY)}` : `sizeof (${printTypeName(operand)})`;
}

/** `1.x` would be read as a floating-point constant. */
function printMemberAccess({ object, arrow, name }: Expr & { kind: 'member' }): string {
  const inner = text(object, POSTFIX);
  return `${object.kind === 'integer' ? `(${inner})` : inner}${arrow ? '->' : '.'}${name}`;
}

const LETTER_ESCAPES: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};

/** Three octal digits for what has no letter, so that a digit that follows is not taken in. */
function escapeBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    const letter = LETTER_ESCAPES[byte];
    if (letter !== undefined) return letter;
    if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
    return `\\${byte.toString(8).padStart(3, '0')}`;
  }).join('');
}
