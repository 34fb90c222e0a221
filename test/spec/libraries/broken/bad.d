inline int fine = 1;

inline int bad = nothing;
