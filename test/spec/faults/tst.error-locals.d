/*
 * ASSERTION: ERROR runs in between: arguments, clause-locals and strtok of the firing survive it
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
BEGIN { this->x = 5; this->t = strtok("a,b", ","); }
BEGIN { trace(1 / zero); }
ERROR { this->x = 6; this->t = strtok("x,y", ","); printf("ERROR %s\n", this->t); }
BEGIN { printf("%d %s %s\n", this->x, strtok(NULL, ","), probename); exit(0); }
