/*
 * ASSERTION: setopt can ask for quiet while tracing
 * SECTION: 10.2
 */

BEGIN { trace(1); }
BEGIN { setopt("quiet"); }
BEGIN { printf("still\n"); exit(0); }
