#pragma D depends_on module nosuch

inline int from_module = nothing;
