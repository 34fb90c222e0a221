/*
 * ASSERTION: count, sum, min, max and avg are signed, exact and truncate toward zero
 * SECTION: 7.1
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec:::0x80 /n < 3/
{
	n++;
	this->x = n == 1 ? -900 : n == 2 ? 1 : 0;
	@c = count(); @s = sum(this->x); @lo = min(this->x); @hi = max(this->x); @a = avg(this->x);
}
END { printa("%@d ", @c); printa("%@d ", @s); printa("%@d ", @lo); printa("%@d ", @hi); printa("%@d\n", @a); }
