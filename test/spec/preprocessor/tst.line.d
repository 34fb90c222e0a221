/*
 * ASSERTION: #line gives the lines after it another number and file
 * SECTION: 1.11
 * ARGS: -Cq
 */

#line 100 "elsewhere.d"
BEGIN { printf("%d %s\n", __LINE__, __FILE__); exit(0); }
