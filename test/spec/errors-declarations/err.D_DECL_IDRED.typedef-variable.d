/*
 * ASSERTION: a variable may not have the name of a type
 * SECTION: 11
 */

typedef int number_t;
string number_t;
