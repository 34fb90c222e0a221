/**
 * Macro arguments (`$1`, `$$1`) and macro variables (`$pid`, `$$pid`), in expressions and in probe specifiers
 * (d-language.md sections 1.9 and 1.10). Several program texts share one list of arguments, so which of them were
 * referenced is collected across texts and judged at the end.
 */
import type { Diagnostics } from '../diag/diagnostics.ts';

export interface MacroArguments {
  readonly args: readonly string[]; // $1, $2, …
  readonly programName: string; // $0
  readonly variables: Readonly<Record<string, bigint>>; // $pid, $target, …
  /** Numbers of the arguments that a program referenced; filled in while parsing. */
  readonly used: Set<number>;
}

/** What a macro stands for: its text is read as a token again, or it is a string or a number outright. */
export type MacroValue =
  | { readonly kind: 'text' | 'string'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'undefined'; readonly message: string; readonly hint: string };

/** The value of a macro as it stands in an expression. `defaultArguments` is `-x defaultargs`. */
export function macroValue(
  macro: string,
  macros: MacroArguments,
  defaultArguments: () => boolean,
): MacroValue {
  const asString = macro.startsWith('$$');
  const name = macro.slice(asString ? 2 : 1);
  if (/^[0-9]/.test(name)) return argumentValue(macro, Number(name), asString, macros, defaultArguments);
  const value = macroVariable(name, macros);
  if (value === undefined) {
    return {
      kind: 'undefined',
      message: `macro variable ${macro} is not defined`,
      hint: `defined are ${Object.keys(macros.variables)
        .map((variable) => `$${variable}`)
        .join(', ')}`,
    };
  }
  return asString ? { kind: 'string', text: String(value) } : { kind: 'integer', value };
}

function argumentValue(
  macro: string,
  number: number,
  asString: boolean,
  macros: MacroArguments,
  defaultArguments: () => boolean,
): MacroValue {
  const text = macroArgument(number, macros);
  if (text !== undefined) return { kind: asString ? 'string' : 'text', text };
  if (defaultArguments()) return asString ? { kind: 'string', text: '' } : { kind: 'integer', value: 0n };
  return {
    kind: 'undefined',
    message: `macro argument ${macro} is not defined`,
    hint:
      macros.args.length === 0
        ? 'no arguments were given after the script; -x defaultargs makes missing ones 0 or ""'
        : `${macros.args.length} given; -x defaultargs makes missing ones 0 or ""`,
  };
}

function macroArgument(number: number, macros: MacroArguments): string | undefined {
  macros.used.add(number);
  return number === 0 ? macros.programName : macros.args[number - 1];
}

function macroVariable(name: string, macros: MacroArguments): bigint | undefined {
  return Object.hasOwn(macros.variables, name) ? macros.variables[name] : undefined;
}

/**
 * A probe specifier with its macros replaced; undefined when one of them is not defined. Inside a field `$` starts a
 * macro that takes the rest of the field: digits choose an argument and what follows them stays, a name is a variable.
 */
export function expandSpecifier(
  text: string,
  macros: MacroArguments,
  defaultArguments: () => boolean,
): string | undefined {
  if (!text.includes('$')) return text;
  const fields = text.split(':').map((field) => expandField(field, macros, defaultArguments));
  return fields.includes(undefined) ? undefined : fields.join(':');
}

function expandField(
  field: string,
  macros: MacroArguments,
  defaultArguments: () => boolean,
): string | undefined {
  const match = /^([^$]*)\$\$?(?:([0-9]+)(.*)|([A-Za-z_][0-9A-Za-z_]*))$/s.exec(field);
  if (!match) return field.includes('$') ? undefined : field;
  const [, before = '', number, after = '', name] = match;
  const value =
    number !== undefined
      ? (macroArgument(Number(number), macros) ?? (defaultArguments() ? '' : undefined))
      : macroVariable(name ?? '', macros)?.toString();
  return value === undefined ? undefined : `${before}${value}${after}`;
}

/** Report the last argument if no program referenced it; `-x argref` (`allowUnused`) turns the check off. */
export function checkUnusedArguments(macros: MacroArguments, allowUnused: boolean, diags: Diagnostics): void {
  const number = macros.args.length;
  if (number === 0 || allowUnused || macros.used.has(number)) return;
  const argument = macros.args[number - 1] ?? '';
  const isProgram = /^\s*(\{|\/.*\/\s*(\{.*)?$)/s.test(argument);
  const options = isProgram ? { hint: 'one argument holds the probes, the predicate and the body' } : {};
  diags.report('D_MACRO_UNUSED', undefined, { argument, number }, options);
}
