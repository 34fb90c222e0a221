/* Branches and jumps among actions, and the bitmap that tells the consumer which of them ran. */
BEGIN
{
	if (arg0 > 10)
		trace("big");
	else
		printf("%d of %d", arg0, 10);
	exit(0);
}
