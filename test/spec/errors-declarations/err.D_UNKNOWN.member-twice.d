/*
 * ASSERTION: a member is defined once
 * SECTION: 3.4
 */

struct twice { int a; char b; long a; };
BEGIN { exit(0); }
