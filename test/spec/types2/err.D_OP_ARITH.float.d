/*
 * ASSERTION: floating-point values do not compute
 * SECTION: 3.4
 */

BEGIN { this->d = (double *)alloca(8); trace(*this->d * 2); exit(0); }
