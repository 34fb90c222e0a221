/*
 * ASSERTION: a flag can be set with on and unset with off
 * SECTION: 10.1
 * ARGS: -x quiet=on -x flowindent=OFF -x zdefs
 */

BEGIN { trace("quiet"); exit(0); }
