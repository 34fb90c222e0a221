/** Limits of a program's shape. They exist so that no text can exhaust the stack of this or a later stage. */

/**
 * Open brackets at one place. Each costs the parser about forty stack frames, so a hundred use a small part of
 * Node's default stack; C promises 63, and programs seen in practice use fewer than ten.
 */
export const MAX_OPEN_BRACKETS = 100;

/**
 * Depth of the tree: prefix operators in a row, else-ifs, operands joined by binary operators. The checker and the
 * code generator walk the tree recursively with a few small frames per level.
 */
export const MAX_TREE_DEPTH = 400;
