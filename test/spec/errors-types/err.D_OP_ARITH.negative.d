/*
 * ASSERTION: - is for numbers
 * SECTION: 3.3
 */

BEGIN { trace(-"a"); exit(0); }
