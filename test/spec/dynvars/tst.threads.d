/*
 * ASSERTION: self-> is one variable for each CPU of a log
 * SECTION: 4.2
 * ARGS: -t $TRACES/linux-x86_64-smp2-tid.cpu0.log.gz -t $TRACES/linux-x86_64-smp2-tid.cpu1.log.gz
 */

#pragma D option quiet


vec::: /!self->seen/ { self->seen = cpu + 1; @[cpu] = count(); }
