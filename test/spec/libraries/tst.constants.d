/*
 * ASSERTION: constants of the libraries for files, processes and packets are known, and a program's own ones win
 * SECTION: 13.4
 * ARGS: -q
 */
enum { IPPROTO_TCP = 60, IPPROTO_OWN };
inline int SRUN = 77;
int PR_STEP;

BEGIN {
	printf("%d %x %d %d\n", O_RDONLY, O_CREAT | O_APPEND, CLD_KILLED, SSLEEP);
	printf("%d %x %d %d\n", TCP_STATE_ESTABLISHED, TH_SYN | TH_ACK, IPPROTO_UDP, PF_INET6);
	printf("%d %d %d %d %d\n", IPPROTO_TCP, IPPROTO_OWN, SRUN, PR_STEP, PR_ASLEEP);
	SWAIT = 4;
	printf("%d\n", SWAIT);
	exit(0);
}
