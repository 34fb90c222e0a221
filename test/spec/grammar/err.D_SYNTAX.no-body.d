/*
 * ASSERTION: a script's probe description needs a body
 * SECTION: 2.1
 */

BEGIN
