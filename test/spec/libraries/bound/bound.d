inline int since_12 = 12;
#pragma D binding "1.2" since_12
inline int since_14 = 14;
#pragma D binding "1.4" since_14
