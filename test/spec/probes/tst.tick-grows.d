/*
 * ASSERTION: the event at which a timer is due fires, too, when memory has to grow for what the timer's clause records
 * SECTION: 9.2
 * ARGS: -q -t $TRACES/linux-x86_64-boot.log.gz --unsafe -x strsize=1m -x tier=interpreter
 */
vec::page_fault:
{
	faults++;
}

tick-5ms
/ticks++ == 0/
{
	printf("%s %s %s %s %s\n", "the", "first", "tick", "is", "large");
}

END
{
	printf("%d faults\n", faults);
}
