/*
 * ASSERTION: without a target process, %A takes only what usym() and its kin give
 * SECTION: 8.2
 */

BEGIN
{
	printf("%A", usym(1));
	printf("%A", 1);
}
