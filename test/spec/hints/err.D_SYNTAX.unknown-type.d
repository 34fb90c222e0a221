/*
 * ASSERTION: a declaration whose type is not known says which name is no type
 * SECTION: 2.1
 */

nosuch x;
