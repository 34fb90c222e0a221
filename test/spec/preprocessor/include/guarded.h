#ifndef GUARDED
#define GUARDED 11
inline int guarded_once = 1;
#endif
