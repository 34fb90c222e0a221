/*
 * ASSERTION: a program that prints no address by name does not read the files, whatever they are
 * SECTION: 8.7
 * ARGS: --symbols package.json
 */

BEGIN { printf("%x", 0xffffffff81000000); exit(0); }
