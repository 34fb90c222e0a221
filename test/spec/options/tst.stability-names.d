/*
 * ASSERTION: -v tells the least stability of the names that statements use
 * SECTION: 13.1
 * ARGS: -v
 */

#pragma D attributes Evolving/Stable/ISA mine
BEGIN { mine = 1; trace(mine); this->thread = curthread; exit(0); }
