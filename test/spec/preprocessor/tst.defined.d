/*
 * ASSERTION: defined sees what -D and #define made
 * SECTION: 1.11
 * ARGS: -Cq -D FROM_COMMAND -D WITH_VALUE=7 -D GONE=1 -U GONE
 */

#if defined FROM_COMMAND && defined(__SUNW_D) && !defined(GONE) && !defined __cplusplus
BEGIN { printf("%d %d\n", FROM_COMMAND, WITH_VALUE); exit(0); }
#endif
