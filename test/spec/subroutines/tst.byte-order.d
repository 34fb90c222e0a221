/*
 * ASSERTION: the network conversions swap bytes on a little-endian target
 * SECTION: 5
 */

#pragma D option quiet

BEGIN
{
	printf("%x %x %x\n", htons(0x1234), htonl(0x12345678), htonll(0x123456789abcdef0));
	printf("%x %x %x\n", ntohs(0x1234), ntohl(0x12345678), ntohll(0x123456789abcdef0));
	printf("%x %d\n", htons(0xab12345), sizeof (htons(1)));
	exit(0);
}
