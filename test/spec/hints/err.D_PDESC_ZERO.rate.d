/*
 * ASSERTION: a rate that is too fast is told the limit, and not another rate
 * SECTION: 9.2
 */

profile-5001 { exit(0); }
