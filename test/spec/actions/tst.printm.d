/*
 * ASSERTION: printm() dumps the bytes that memref() names, no more than both sizes say
 * SECTION: 6.1
 */

BEGIN { this->p = alloca(16); bcopy((void *)"abcdefgh", this->p, 8); printm(16, memref(this->p, 16)); }
BEGIN { this->p = alloca(16); bcopy((void *)"abcdefgh", this->p, 8); printm(16, memref(this->p, 4)); exit(0); }
