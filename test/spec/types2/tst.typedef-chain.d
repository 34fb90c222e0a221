/*
 * ASSERTION: typedefs of typedefs, pointers, arrays and structs
 * SECTION: 3.1
 */

#pragma D option quiet

typedef uint8_t byte;
typedef byte bytes[4];
typedef byte *where;
typedef struct node { struct node *next; bytes b; } node_t;
node_t n;
BEGIN
{
	this->p = (where)alloca(4);
	this->p[3] = 300;
	n.b[2] = 7;
	n.next = NULL;
	printf("%d %d %d %d\n", sizeof (byte), sizeof (bytes), sizeof (node_t), offsetof(node_t, b));
	printf("%d %d %d\n", this->p[3], n.b[2], n.next == NULL);
	exit(0);
}
