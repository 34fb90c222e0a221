/*
 * ASSERTION: integer types have the sizes of LP64
 * SECTION: 3.1
 */

#pragma D option quiet

BEGIN
{
	printf("%d %d %d ", sizeof (char), sizeof (short), sizeof (int));
	printf("%d %d %d ", sizeof (long), sizeof (long long), sizeof (void *));
	printf("%d %d %d %d\n", sizeof (int8_t), sizeof (uint16_t), sizeof (int32_t), sizeof (uint64_t));
	printf("%d %d %d %d\n", sizeof (uchar_t), sizeof (ushort_t), sizeof (size_t), sizeof (uintptr_t));
	exit(0);
}
