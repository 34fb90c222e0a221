/*
 * ASSERTION: names of other languages are told D's
 * SECTION: 1.3
 */

BEGIN { done = true; }
