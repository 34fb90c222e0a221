/*
 * ASSERTION: a program's own struct comes before the kernel's of the same name
 * SECTION: 3.4
 * ARGS: --symbols examples/symbols/linux-6.1.0-56-amd64.btf.gz
 */

#pragma D option quiet

struct list_head { int one; };
typedef char pte_t;

BEGIN
{
	printf("%d %d\n", sizeof (struct list_head), sizeof (pte_t));
	exit(0);
}
