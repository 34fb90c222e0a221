/** Tags of the lexer, the parser, macros and pragmas. */
import type { TagDef } from '../tags.ts';

export const SYNTAX_TAGS = {
  D_SYNTAX: { text: '{message}' },
  D_EMPTY: { text: 'empty D program translation unit' },
} as const satisfies Record<string, TagDef>;
