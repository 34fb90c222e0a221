/*
 * ASSERTION: the error numbers of Linux are constants
 * SECTION: 3.9
 */

#pragma D option quiet

BEGIN
{
	printf("%d %d %d %d\n", EPERM, ENOENT, EAGAIN, EWOULDBLOCK);
	printf("%d %d %d %d\n", ELOOP, ENOMSG, ETIMEDOUT, EHWPOISON);
	printf("%d %d\n", SIGRTMIN, sizeof (ENOENT));
	exit(0);
}
