/**
 * Limits of a program's shape. They exist so that no text can exhaust the stack of this or a later stage: at both of
 * the first two limits at once the parser uses about two thirds of Node's default stack of 984 KB.
 */

/** Open brackets at one place. Each costs the parser about 6.5 KB of stack; C promises 63, real programs use few. */
export const MAX_OPEN_BRACKETS = 64;

/**
 * Things that nest without brackets at one place: prefix operators, casts, assignments, conditionals, `if`s without
 * braces, `*`s of a declarator. Each costs the parser about 1.5 KB.
 */
export const MAX_UNBRACKETED_DEPTH = 150;

/**
 * Depth of the tree, which operators, suffixes and else-ifs in a row make deep without making the parser recur. The
 * checker and the code generator walk it recursively with a few small frames per level.
 */
export const MAX_TREE_DEPTH = 400;
