/*
 * ASSERTION: size letters change nothing but what a strict reading would accept
 * SECTION: 8
 */

#pragma D option quiet
BEGIN
{
	printf("%hi %ho %hu %hX\n", (short)-1, (short)8, (short)9, (short)255);
	printf("%li %lo %lu %lX\n", -1L, 8L, 9L, 255L);
	printf("%lli %llo %llX\n", -1LL, 8LL, 255LL);
	this->d = (long double *)alloca(16);
	printf("%Lf %Le %LE %Lg %LG\n", *this->d, *this->d, *this->d, *this->d, *this->d);
	exit(0);
}
