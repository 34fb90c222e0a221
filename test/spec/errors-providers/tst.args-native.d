/*
 * ASSERTION: args[] of a defined probe are its raw arguments, each as one of its type
 * SECTION: 13.3
 * ARGS: -q
 */

provider dtrace { probe ERROR(uint64_t, int8_t epid, uint64_t, uint64_t, uint8_t fault); };
BEGIN { trace(*(int *)0); }
dtrace:::ERROR {
	printf("%d %d\n", args[1], args[4] == arg4);
	printf("%d %d\n", sizeof (args[1]), sizeof (args[3]));
	exit(0);
}
