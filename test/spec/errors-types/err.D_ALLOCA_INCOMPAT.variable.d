/*
 * ASSERTION: one variable holds scratch or other memory
 * SECTION: 5
 */

BEGIN { this->p = (char *)alloca(8); this->p = (char *)arg0; exit(0); }
