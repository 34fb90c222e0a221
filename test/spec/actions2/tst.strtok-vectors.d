/*
 * ASSERTION: strtok skips delimiters, ends with NULL, and then gives NULL again
 * SECTION: 5
 */

#pragma D option quiet


BEGIN { printf("[%s]", strtok(",,a,b;;c", ",;")); }
BEGIN { printf("[%s]", strtok(NULL, ",;")); }
BEGIN { printf("[%s]", strtok(NULL, ";")); }
BEGIN { printf("[%d]", strtok(NULL, ",;") == NULL); }
BEGIN { printf("[%d]", strtok(NULL, ",;") == NULL); }
BEGIN { printf("[%d]", strtok(",,,", ",") == NULL); }
BEGIN { exit(0); }
