/*
 * ASSERTION: an enum is defined once
 * SECTION: 3.7
 */

enum t { A };
enum t { B };
BEGIN { exit(0); }
