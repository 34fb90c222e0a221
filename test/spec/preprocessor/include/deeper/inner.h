#include "../guarded.h"
#define NESTED (GUARDED + __INCLUDE_LEVEL__)
