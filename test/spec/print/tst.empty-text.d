/*
 * ASSERTION: a char array that holds nothing is an empty text
 * SECTION: 8.6
 */

#pragma D option quiet

char none[3];
char two[2][4];

BEGIN { two[1][0] = 'z'; print(none); print(two); exit(0); }
