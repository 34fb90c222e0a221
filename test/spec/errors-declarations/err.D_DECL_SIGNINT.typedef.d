/*
 * ASSERTION: signed and unsigned do not change a named type
 * SECTION: 11
 */

typedef int number_t;
number_t unsigned x;
