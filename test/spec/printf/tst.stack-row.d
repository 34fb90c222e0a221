/*
 * ASSERTION: a stack in a printf() of an if, in a row of the default output, and in the command of system()
 * SECTION: 8.2
 * ARGS: -w -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

vec:::0x0d
{
	if (vector == 0x0d) { printf("yes%k", stack(1)); } else { printf("no%k", ustack(1)); }
	system("echo 'at%k'", stack(1));
	exit(0);
}
