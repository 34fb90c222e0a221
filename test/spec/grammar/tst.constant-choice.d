/*
 * ASSERTION: a constant condition, an inline for instance, chooses between actions: the arm it leaves is the statement
 * SECTION: 3.3
 */

#pragma D option quiet

inline int OPT_time = 0;
inline int OPT_pid = 1;

BEGIN
{
	OPT_time ? printf("TIME ") : 1;
	OPT_pid ? printf("PID ") : 1;
	(!OPT_pid || OPT_time ? trace("either") : OPT_pid ? trace("NAME\n") : trace("none"));
	OPT_pid && !OPT_time ? @kept = sum(3) : @lost;
	this->x = 1 ? 5 : printf("never");
	printf("%d\n", this->x);
	exit(0);
}
