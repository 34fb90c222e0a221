/*
 * ASSERTION: -l lists a probe once for each description that names it
 * SECTION: 10.3
 * ARGS: -l
 */

BEGIN, BEGIN { }
BEGIN { }
