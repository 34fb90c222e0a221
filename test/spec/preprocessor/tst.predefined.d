/*
 * ASSERTION: the language, its version and the machine are predefined
 * SECTION: 1.11
 * ARGS: -Cq
 */

#if __SUNW_D != 1 || !defined(__SUNW_D_64) || !defined(__unix) || !defined(__SVR4) || !defined(__amd64)
#error something is missing
#endif
#if __SUNW_D_VERSION >= 0x01000000 && __SUNW_D_VERSION < 0x02000000
BEGIN { printf("%d %s\n", __STDC__, __FILE__); exit(0); }
#endif
