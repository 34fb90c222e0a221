#pragma D depends_on library z.d

inline int from_m = from_z + 1;
