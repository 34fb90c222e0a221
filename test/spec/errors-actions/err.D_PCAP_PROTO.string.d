/*
 * ASSERTION: the protocol of pcap is a number
 * SECTION: 6.1
 */

BEGIN { pcap((void *)8, "ip"); exit(0); }
