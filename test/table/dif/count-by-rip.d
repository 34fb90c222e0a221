/* The one-liner most scripts begin as: a key that is a register, and a value that needs no code. */
vec:::0x0e { @[rip] = count(); }
