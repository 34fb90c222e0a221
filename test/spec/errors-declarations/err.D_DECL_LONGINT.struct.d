/*
 * ASSERTION: long belongs to integers and floating-point types
 * SECTION: 11
 */

long struct s { int a; } x;
