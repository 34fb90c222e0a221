/*
 * ASSERTION: pcap() compiles and faults: no source carries packets
 * SECTION: 6.1
 */

#pragma D option quiet
BEGIN { pcap((void *)8, 1); trace("never"); }
BEGIN { exit(0); }
