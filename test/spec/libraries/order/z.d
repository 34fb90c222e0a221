inline int from_z = 3;

typedef struct pair { int first; int second; } pair_t;
