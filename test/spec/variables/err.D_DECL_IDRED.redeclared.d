/*
 * ASSERTION: a global cannot be declared anew with another type
 * SECTION: 3.8
 */

int n;
string n;
BEGIN { exit(0); }
