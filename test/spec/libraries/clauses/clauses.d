BEGIN { printf("not printed\n"); }

inline int from_clauses = 4;
