/*
 * ASSERTION: a minimum stability is asked of the program, not of the library that comes with trapline
 * SECTION: 13.1
 * ARGS: -q -x amin=Evolving/Evolving/Common
 */
struct psinfo_like { int args; };
BEGIN { trace(probename); exit(0); }
