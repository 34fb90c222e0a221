/* What system headers say about names that D has, too. */
typedef unsigned long dev_t;
extern int raise(int signal);
