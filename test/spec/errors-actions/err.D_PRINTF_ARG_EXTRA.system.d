/*
 * ASSERTION: system checks its arguments as printf does
 * SECTION: 8.3
 */

BEGIN { system("date", 1); exit(0); }
