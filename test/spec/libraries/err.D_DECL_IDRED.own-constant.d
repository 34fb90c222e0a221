/*
 * ASSERTION: a library's constant that a program has defined for itself cannot be defined again
 * SECTION: 13.4
 */
inline int SRUN = 77;
inline int SRUN = 78;
