/*
 * ASSERTION: parameters of a function have different names
 * SECTION: 11
 */

int f(int a, char *a);
