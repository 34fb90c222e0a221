/*
 * ASSERTION: %P turns a port round and %I passes an address through
 * SECTION: 8.2
 */

#pragma D option quiet

BEGIN { printf("%P %P [%5P]\n", htons(80), htons(65535), htons(7)); printf("%I [%12I] [%-12I]\n", "10.0.0.1", "::1", "::1"); exit(0); }
