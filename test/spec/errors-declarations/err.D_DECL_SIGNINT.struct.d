/*
 * ASSERTION: signed and unsigned belong to integers
 * SECTION: 11
 */

struct s { int a; };
unsigned struct s x;
