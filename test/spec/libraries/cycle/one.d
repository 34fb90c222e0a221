#pragma D depends_on library two.d

inline int from_one = 1;
