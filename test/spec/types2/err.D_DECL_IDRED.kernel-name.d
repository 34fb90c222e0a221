/*
 * ASSERTION: once a program has defined it, the name of a kernel's type is as taken as any
 * SECTION: 11
 */
typedef char u8;
typedef int u8;
