/* A bit-field is read, changed and written back with its neighbours; reading it shifts it into place. */
struct flags { unsigned int low : 3; int mid : 5; };
struct flags *p;
BEGIN { p = (struct flags *)alloca(4); p->mid = -1; trace(p->mid); }
