#pragma D depends_on library missing.d

inline int from_library = 1;
