/*
 * ASSERTION: this-> variables are shared by the clauses of one firing and begin each firing as 0
 * SECTION: 3.8
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec:::0x80 { this->n += 1; }
vec:::0x80 { this->n += 1; printf("%d\n", this->n); }
vec:::0x80 /++fired == 3/ { exit(0); }
