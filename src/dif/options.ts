/** The -x options, one table; and the values of one session. (Seed: the table and parsing are filled in next.) */

export interface Options {
  /** Set from -x, a short switch, or setopt(); returns the library error text on refusal. */
  set(name: string, value: string | undefined, origin: 'command' | 'pragma' | 'setopt'): string | undefined;
  flag(name: string): boolean;
  number(name: string): number;
  text(name: string): string | undefined;
  /** Whether a value other than the built-in default was given. */
  isExplicit(name: string): boolean;
}
