/*
 * ASSERTION: setopt changes a dynamic option from there on; an unknown one is reported and tracing goes on
 * SECTION: 6.5
 */

BEGIN { trace(1); }
BEGIN { setopt("quiet"); }
BEGIN { trace(2); }
BEGIN { setopt("nosuch", "1"); exit(0); }
