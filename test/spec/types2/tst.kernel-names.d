/*
 * ASSERTION: the names of a kernel's integers are nobody's: a program may give them to variables and typedefs of its own
 * SECTION: 3.1
 * ARGS: -q
 */
uint8_t u8;
int16_t s16;
self int key_t;
typedef enum truth { no, yes } bool;
typedef struct clock { int ticks; } clock_t;
u32 plain;

BEGIN {
	u8--;
	s16 = 70000;
	self->key_t = 3;
	this->b = (bool)1;
	this->c = (clock_t *)alloca(sizeof (clock_t));
	this->c->ticks = 5;
	plain = -1;
	loff_t = 9;
	printf("%d %d %d %d\n", u8, s16, self->key_t, loff_t);
	printf("%d %d %u\n", this->b == yes, this->c->ticks, plain);
	exit(0);
}
