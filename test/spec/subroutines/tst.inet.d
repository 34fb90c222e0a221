/*
 * ASSERTION: addresses are written as text from their bytes in network order
 * SECTION: 5
 */

#pragma D option quiet

BEGIN
{
	this->four = (ipaddr_t *)alloca(4);
	*this->four = htonl(0xc0a80107);
	this->six = alloca(16);
	this->w = (uint16_t *)this->six;
	this->w[0] = htons(0x2001); this->w[1] = htons(0xdb8); this->w[7] = htons(0x2a);
	printf("%s %s\n", inet_ntoa(this->four), inet_ntop(AF_INET, this->four));
	printf("%s\n", inet_ntop(AF_INET6, this->six));
	this->b = (uint8_t *)alloca(6);
	this->b[0] = 0x52; this->b[1] = 0x54; this->b[5] = 0xff;
	printf("%s\n", link_ntop(ARPHRD_ETHER, this->b));
	exit(0);
}
