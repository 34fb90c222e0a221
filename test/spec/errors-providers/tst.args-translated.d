/*
 * ASSERTION: args[] of a defined probe are what translators make of its arguments, several of one argument too
 * SECTION: 13.3
 * ARGS: -q
 */

typedef struct where { string what; int action; } where_t;
translator where_t < int number > { what = "action"; action = number * 10; };
provider dtrace {
	probe ERROR(uint64_t, uint64_t, int number) : (where_t *number, where_t number, long number);
};
BEGIN { trace(1); trace(*(int *)0); }
dtrace:::ERROR {
	printf("%s %d\n", args[0]->what, args[0]->action);
	printf("%s %d\n", args[1].what, args[1].action);
	printf("%d %d\n", args[2], sizeof (args[2]));
	exit(0);
}
