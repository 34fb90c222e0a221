/* A predicate becomes branches; only its outcome is made 0 or 1. */
vec:::0x0e
/cpl == 3 && (rip < 0x1000 || execname != "init")/
{ trace(rip); }
