/** Bounds of preprocessing. A text that goes beyond one is refused; each is far above what a program needs. */

/** Files that include each other go on for ever; C compilers stop at 200. */
export const MAX_INCLUDE_DEPTH = 100;
/** A file that includes itself twice doubles at every level. */
export const MAX_INCLUDES = 10_000;
/** Characters read from include files, all together: as much as a script may have. */
export const MAX_INCLUDED_CHARACTERS = 16 * 2 ** 20;
/** Characters that macro expansion may make, all together; a macro of macros of macros grows without bound. */
export const MAX_EXPANSION_CHARACTERS = 4 * 2 ** 20;
/** Macro invocations inside the arguments of others, and parentheses in #if: each level takes stack. */
export const MAX_NESTING = 200;
