/*
 * ASSERTION: -P -m -f -n and -i take predicates and bodies
 * SECTION: 10.3
 * ARGS: -q -P 'dtrace /probename == "END"/ { printf("P "); }' -m 'dtrace: /probename == "END"/ { printf("m "); }' -f 'dtrace:: /probename == "END"/ { printf("f "); }' -n 'END { printf("n "); }' -i '2 /1/ { printf("i\n"); }'
 */

BEGIN { exit(0); }
