/*
 * ASSERTION: bcopy of nothing looks at nothing
 * SECTION: 5
 */

#pragma D option quiet


BEGIN { bcopy(NULL, NULL, 0); printf("fine\n"); exit(0); }
