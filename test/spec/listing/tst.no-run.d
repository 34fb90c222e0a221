/*
 * ASSERTION: -l fires nothing, whatever the options
 * SECTION: 10.3
 * ARGS: -l -w -F
 */

BEGIN { printf("never\n"); @ = count(); }
