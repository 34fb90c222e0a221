/**
 * Control lines, for help: what may follow `#`, `#pragma` or `#pragma D` (d-language.md 1.8). The lexer acts on them
 * (syntax/control-lines.ts), and the checker on those that speak of identifiers.
 */
export interface PragmaDef {
  readonly form: string;
  readonly doc: string;
  readonly example: string;
}

export const PRAGMAS = {
  option: {
    form: '#pragma D option name[=value]',
    doc: 'sets an option, as -x does, and wins over it',
    example: '#pragma D option quiet',
  },
  attributes: {
    form: '#pragma D attributes name/data/class IDENTIFIER | provider NAME PART',
    doc: 'declares the stability of an identifier of the program, or of a part of a provider',
    example: '#pragma D attributes Evolving/Evolving/Common x',
  },
  binding: {
    form: '#pragma D binding "VERSION" IDENTIFIER',
    doc: 'says with which version an identifier of the program came',
    example: '#pragma D binding "1.2" x',
  },
  depends_on: {
    form: '#pragma D depends_on provider|module|library NAME',
    doc: 'refuses the program where what it needs is missing',
    example: '#pragma D depends_on provider vec',
  },
  line: {
    form: '#line N ["FILE"], also as # N "FILE"',
    doc: 'sets the line number, and the file, that messages name',
    example: '#line 10 "other.d"',
  },
  error: { form: '#error TEXT', doc: 'stops compiling with that text', example: '#error not for this guest' },
  ident: { form: '#ident TEXT', doc: 'is ignored', example: '#ident "version 3"' },
} as const satisfies Record<string, PragmaDef>;
