#pragma once
inline int once = 3;
#define ONCE once
