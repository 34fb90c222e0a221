/** Types as D messages show them: `int`, `char *`, `struct s *`, `string`, `int (*)(long)`. */
import type { Type } from './type.ts';

export function typeText(type: Type): string {
  return declared(type, '');
}

/** C's inside-out spelling of `type` around a declarator. */
function declared(type: Type, declarator: string): string {
  switch (type.kind) {
    case 'pointer': {
      const inner = type.to.kind === 'array' || type.to.kind === 'function';
      return declared(type.to, inner ? `(*${declarator})` : `*${declarator}`);
    }
    case 'array':
      return declared(type.of, `${declarator}[${type.count > 0 ? type.count : ''}]`);
    case 'function':
      return declared(type.returns, `${declarator}(${parameterText(type.parameters, type.variadic)})`);
    case 'qualified':
      return qualified(type.qualifiers.join(' '), type.to, declarator);
    default:
      return declarator === '' ? baseText(type) : `${baseText(type)} ${declarator}`;
  }
}

function qualified(words: string, type: Type, declarator: string): string {
  if (type.kind === 'pointer') return declared(type, declarator === '' ? words : `${words} ${declarator}`);
  return `${words} ${declared(type, declarator)}`;
}

function parameterText(parameters: readonly Type[], variadic: boolean): string {
  const texts = parameters.map(typeText);
  if (variadic) texts.push('...');
  return texts.length === 0 ? 'void' : texts.join(', ');
}

function baseText(type: Type): string {
  switch (type.kind) {
    case 'int':
    case 'float':
    case 'typedef':
      return type.name;
    case 'struct':
    case 'union':
    case 'enum':
      return type.tag === '' ? type.kind : `${type.kind} ${type.tag}`;
    case 'dynamic':
      return type.of ?? type.kind;
    case 'symaddr':
    case 'usymaddr':
      return `_${type.kind}`;
    default:
      return type.kind;
  }
}
