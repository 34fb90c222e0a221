/** Tags of the code generator: an expression that is right but too big for one DIF object. */
import type { TagDef } from '../tags.ts';

const SPLIT = 'split the expression: assign part of it to a this-> variable first';

export const CODEGEN_TAGS = {
  D_INTTAB_FULL: { text: 'Integer constant table limit exceeded', hint: SPLIT },
  D_STRTAB_FULL: { text: 'String constant table limit exceeded', hint: SPLIT },
  D_DIFO_SIZE: { text: 'expression is too long to generate code', hint: SPLIT },
} as const satisfies Record<string, TagDef>;
