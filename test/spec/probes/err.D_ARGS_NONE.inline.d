/*
 * ASSERTION: args[] has a meaning only inside a clause
 * SECTION: 4
 */

inline int x = args[0];
BEGIN { exit(0); }
