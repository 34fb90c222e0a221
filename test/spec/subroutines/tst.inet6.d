/*
 * ASSERTION: inet_ntoa6 shortens the longest run of zeros and shows IPv4 in dotted form
 * SECTION: 5
 */

#pragma D option quiet
BEGIN
{
	this->a = (in6_addr_t *)alloca(16);
	this->b = (uint8_t *)this->a;
	printf("%s\n", inet_ntoa6(this->a));
	this->b[15] = 1;
	printf("%s\n", inet_ntoa6(this->a));
	this->b[0] = 0xfe;
	this->b[1] = 0x80;
	printf("%s\n", inet_ntoa6(this->a));
	printf("%s\n", inet_ntop(AF_INET6, this->a));
	this->b[0] = 0;
	this->b[1] = 0;
	this->b[15] = 5;
	printf("%s\n", inet_ntoa6(this->a));
	this->b[12] = 10;
	printf("%s\n", inet_ntop(AF_INET6, this->a));
	this->b[10] = 0xff;
	this->b[11] = 0xff;
	printf("%s\n", inet_ntop(AF_INET6, this->a));
	exit(0);
}
