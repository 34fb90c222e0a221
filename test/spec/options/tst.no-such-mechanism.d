/*
 * ASSERTION: options that tune what trapline does not have are accepted without effect
 * SECTION: 10.2
 */

#pragma D option quiet
#pragma D option ctfpath=types.ctfa
#pragma D option debugassert=1
#pragma D option dofstashpath=stash
#pragma D option linknommap
#pragma D option modpath=/lib/modules
#pragma D option procfspath=/proc
#pragma D option sysslice=system.slice
#pragma D option useruid=1000
#pragma D option bpflog
#pragma D option bpflogsize=16m
BEGIN { trace("here"); exit(0); }
