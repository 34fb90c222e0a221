/** Tags of the lexer, the parser, macros and pragmas (d-language.md section 11, "General, syntax, lexical"). */
import type { TagDef } from '../tags.ts';

export const SYNTAX_TAGS = {
  D_SYNTAX: { text: '{message}' },
  D_EMPTY: {
    text: 'empty D program translation unit',
    hint: 'write a probe clause, for example vec::: { @[probename] = count(); }, or allow it with -x empty',
  },
  // Literals.
  D_INT_OFLOW: { text: '{message}', hint: 'D integers have 64 bits: the largest is 18446744073709551615u' },
  D_INT_DIGIT: { text: 'constant {constant} contains invalid digit {digit}' },
  D_STR_NL: {
    text: 'newline encountered in string literal',
    hint: 'close the string with " on the same line; \\n stands for a newline inside it',
  },
  D_CHR_NL: {
    text: 'newline encountered in character constant',
    hint: "close the constant with ' on the same line",
  },
  D_CHR_NULL: { text: 'empty character constant', hint: "the NUL character is written '\\0'" },
  D_CHR_OFLOW: {
    text: 'character constant is too long',
    hint: 'at most 8 bytes fit; a string is written "..."',
  },
  // Macro arguments and variables.
  D_MACRO_UNDEF: { text: '{message}' },
  D_MACRO_OFLOW: { text: 'macro argument {macro} constant {constant} results in integer overflow' },
  D_MACRO_UNUSED: {
    text: "extraneous argument '{argument}' (${number} is not referenced)",
    hint: '-x argref allows arguments that the program does not use',
  },
  // The preprocessor (-C).
  D_CPP: { text: '{message}' },
  // Control lines.
  D_PRAGERR: { text: '#{directive}: {message}' },
  D_PRAGCTL_INVAL: { text: '{message}' },
  D_PRAGMA_INVAL: { text: '{message}' },
  D_PRAGMA_MALFORM: { text: '{message}' },
  D_PRAGMA_OPTSET: { text: '{message}' },
  D_PRAGMA_SCOPE: { text: '#pragma {pragma} cannot modify entity defined outside program scope' },
  D_PRAGMA_DEPEND: { text: '{message}' },
  D_PRAGMA_UNUSED: { text: 'unused #pragma {pragma}' },
  // Probe descriptions; the checker reports most of these.
  D_PDESC_INVAL: { text: '{message}' },
} as const satisfies Record<string, TagDef>;
