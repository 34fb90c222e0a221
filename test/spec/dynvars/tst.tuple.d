/*
 * ASSERTION: keys of several types; strings are keys by their text
 * SECTION: 3.8
 */

#pragma D option quiet


BEGIN { a[1, "x", 'c'] = 10; a[1, strjoin("x", ""), 'c'] += 5; printf("%d %d\n", a[1, "x", 'c'], a[1, "y", 'c']); exit(0); }
