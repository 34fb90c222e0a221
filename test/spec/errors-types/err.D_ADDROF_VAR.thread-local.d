/*
 * ASSERTION: a thread-local variable has no address
 * SECTION: 3.4
 */

BEGIN { self->x = 1; trace(&self->x); exit(0); }
