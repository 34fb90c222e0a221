/*
 * ASSERTION: the short integer names of kernels are types, and may still name variables
 * SECTION: 3.1
 */

#pragma D option quiet

u16 port; caddr_t where; __be32 wire;

BEGIN
{
	printf("%d %d %d %d\n", sizeof (u8), sizeof (s16), sizeof (u32), sizeof (s64));
	printf("%d %d %d %d\n", sizeof (u_char), sizeof (u_int32_t), sizeof (caddr_t), sizeof (loff_t));
	port = 65537;
	u8 = 300;
	printf("%d %d\n", port, u8);
	exit(0);
}
