inline int good = 1;

inline int broken = nothing_of_that_name;
