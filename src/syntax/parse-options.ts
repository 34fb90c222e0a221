/** What the parser must know from outside, declared here and implemented by whoever compiles a program. */
import type { MacroArguments } from './macros.ts';

export type ProgramKind = 'script' | 'library' | 'provider' | 'module' | 'function' | 'name' | 'id';

export type DependencyKind = 'provider' | 'module' | 'library';

export interface ParseOptions {
  readonly kind: ProgramKind;
  /** Whether a type of that name exists. Typedefs of the text itself are known to the parser. */
  readonly isTypeName: (name: string) => boolean;
  /** Whether a global variable, built-in or inline of that name exists: it is then never a type (section 1.12). */
  readonly isIdentifier: (name: string) => boolean;
  readonly macros: MacroArguments;
  /** `#pragma D option` takes effect while parsing. Returns the library error text when the option is refused. */
  readonly setOption: (name: string, value: string | undefined) => string | undefined;
  /** `#pragma D depends_on`: why what the program needs is not there. Without it nothing is asked for. */
  readonly unmetDependency?: (kind: DependencyKind, name: string) => string | undefined;
  /** Asked each time, since pragmas change the answer. */
  readonly flag: (name: 'defaultargs' | 'argref' | 'pspec' | 'empty') => boolean;
}

/** Whether the text is an argument of -P, -m, -f, -n or -i: a bare word is then a probe specifier and needs no body. */
export function isCommandLine(kind: ProgramKind): boolean {
  return kind !== 'script' && kind !== 'library';
}
