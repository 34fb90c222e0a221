/*
 * ASSERTION: tracemem prints at most its third argument; outside the recorded size it prints all
 * SECTION: 6.1
 */

#pragma D option quiet

char a[20];
BEGIN { a[0] = 'A'; a[1] = 'B'; a[17] = 'z'; tracemem(a, 20); tracemem(a, 20, 2); tracemem(a, 20, -1); tracemem(a, 20, 21); tracemem(a, 20, 0); exit(0); }
