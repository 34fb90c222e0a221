/*
 * ASSERTION: a comment may stand between any two tokens and span lines, and a star inside it does not end it
 * SECTION: 1.2
 */

#pragma D option quiet

/* before a clause */
BEGIN /* between */
{
	trace(/* inside
	 * a call */ 1 /**/ + /***/ 2);
	exit(0);
}
