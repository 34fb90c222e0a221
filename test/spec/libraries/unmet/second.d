#pragma D depends_on library provider.d

inline int from_second = 1;
