/*
 * ASSERTION: without a trace chill() waits, and the time is later afterwards
 * SECTION: 6.1
 * ARGS: -w
 */

#pragma D option quiet


BEGIN { this->t = timestamp; chill(20000000); printf("%d\n", timestamp - this->t >= 20000000); exit(0); }
