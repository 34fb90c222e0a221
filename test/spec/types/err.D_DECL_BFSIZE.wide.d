/*
 * ASSERTION: a bit-field is not wider than its type
 * SECTION: 2.3
 */

struct s { unsigned char a : 9; };
BEGIN { exit(0); }
