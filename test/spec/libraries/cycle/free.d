inline int from_free = 9;
