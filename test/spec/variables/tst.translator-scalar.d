/*
 * ASSERTION: a translator's input may be a scalar, and a struct-valued translation can be stored
 * SECTION: 3.10
 */

#pragma D option quiet

typedef struct split { uint32_t major; uint32_t minor; } split_t;
translator split_t < uint64_t v > { major = v >> 32; minor = v & 0xffffffff; };
split_t s;
BEGIN
{
	this->v = (uint64_t)0x700000009;
	s = xlate <split_t> (this->v);
	printf("%d %d\n", s.major, s.minor);
	exit(0);
}
