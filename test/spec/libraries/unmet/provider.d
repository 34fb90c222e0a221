#pragma D depends_on provider nosuch

inline int from_provider = 1;
