/*
 * ASSERTION: an inline name has no backquote
 * SECTION: 11
 */

inline int kernel`limit = 1;
