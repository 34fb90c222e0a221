/*
 * ASSERTION: setopt switches flowindent
 * SECTION: 10.2
 */

BEGIN { setopt("flowindent"); }
BEGIN { trace(1); }
BEGIN { setopt("flowindent", "off"); }
BEGIN { trace(2); exit(0); }
