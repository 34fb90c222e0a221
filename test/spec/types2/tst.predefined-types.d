/*
 * ASSERTION: the predefined types have their sizes
 * SECTION: 3.1
 */

#pragma D option quiet

BEGIN
{
	printf("%d %d %d %d\n", sizeof (int8_t), sizeof (uint16_t), sizeof (int32_t), sizeof (uint64_t));
	printf("%d %d %d %d\n", sizeof (intptr_t), sizeof (size_t), sizeof (hrtime_t), sizeof (ipaddr_t));
	printf("%d %d %d %d\n", sizeof (uchar_t), sizeof (ushort_t), sizeof (uint_t), sizeof (ulong_t));
	printf("%d %d %d %d\n", sizeof (u_longlong_t), sizeof (uint), sizeof (bool), sizeof (pid_t));
	printf("%d %d %d %d\n", sizeof (__u8), sizeof (__u16), sizeof (__u32), sizeof (__u64));
	printf("%d %d\n", sizeof (struct in_addr), sizeof (struct in6_addr));
	printf("%d %d %d\n", AF_INET, AF_INET6, ARPHRD_ETHER);
	printf("%d %d %d\n", DTRACEFLT_BADADDR, DTRACEFLT_LIBRARY, SIGKILL);
	exit(0);
}
