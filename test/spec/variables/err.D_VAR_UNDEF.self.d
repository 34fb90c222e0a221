/*
 * ASSERTION: reading a thread-local that was never assigned is an error
 * SECTION: 3.8
 */

BEGIN { trace(self->x); exit(0); }
