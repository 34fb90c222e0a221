#pragma D depends_on library z.d
#pragma D depends_on library m.d

inline int from_a = from_m * 10;
