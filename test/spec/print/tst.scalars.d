/*
 * ASSERTION: print shows a scalar with its type
 * SECTION: 8.6
 */

#pragma D option quiet

enum colour { RED, GREEN };
BEGIN
{
	print(5); printf("\n"); print((char)'x'); printf("\n"); print((char)-1); printf("\n"); print((unsigned char)65); printf("\n");
	print((uint64_t)-1); printf("\n"); print((void *)0x10); printf("\n"); print("text\n"); printf("\n"); print((enum colour)1); printf("\n"); print((enum colour)7);
	printf("\n");
	exit(0);
}
