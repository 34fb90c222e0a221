/*
 * ASSERTION: profile fires on every CPU that the trace has shown, tick on one
 * SECTION: 9.2
 * ARGS: -x clock=index --unsafe -t $TRACES/linux-x86_64-smp2-torn.log.gz
 */

#pragma D option quiet

profile-1000hz { @p[cpu] = count(); }
tick-1000hz { @t[cpu] = count(); }
END { printa("profile %d %@d\n", @p); printa("tick %d %@d\n", @t); }
