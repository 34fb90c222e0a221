/*
 * ASSERTION: a translator makes a complete struct
 * SECTION: 3.10
 */

struct later;
translator struct later < long l > { a = 1; };
BEGIN { exit(0); }
