/*
 * ASSERTION: no variable has the name of one of D's typedefs
 * SECTION: 11
 */
int uint8_t;
