#pragma D depends_on provider dtrace

inline int from_good = 5;
