/*
 * ASSERTION: #if has the operators and the 64-bit arithmetic of C
 * SECTION: 1.11
 * ARGS: -Cq
 */

#if (1 + 2 * 3 == 7) && (0x10 >> 2 == 4) && ~0 == -1 && !0 && (1 ? 2 : 1 / 0) == 2
#if 0xffffffffffffffff > 0 && -1 > 0u && 'a' == 97 && 010 == 8 && 7 % 4 == 3 && (5 ^ 3) == 6
#if defined(A) || defined B || NOT_THERE == 0
BEGIN { printf("right\n"); exit(0); }
#endif
#endif
#endif
