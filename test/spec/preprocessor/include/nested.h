#include "deeper/inner.h"
