/*
 * ASSERTION: pcap takes an address
 * SECTION: 6.1
 */

BEGIN { pcap("abc", 1); exit(0); }
