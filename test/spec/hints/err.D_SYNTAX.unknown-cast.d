/*
 * ASSERTION: a cast to a type that is not known says so
 * SECTION: 1.12
 */

BEGIN { this->p = (nosuch_t *)arg0; }
