/*
 * ASSERTION: a program whose clauses match nothing cannot run
 * SECTION: 10.3
 */

int x;
