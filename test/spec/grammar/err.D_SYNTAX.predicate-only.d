/*
 * ASSERTION: a predicate needs a body after it
 * SECTION: 2.1
 */

BEGIN /1/
