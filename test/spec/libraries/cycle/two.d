#pragma D depends_on library one.d

inline int from_two = 2;
