/*
 * ASSERTION: storing NULL in a string element deletes it
 * SECTION: 3.8
 */

#pragma D option quiet


BEGIN { s["k"] = "value"; printf("[%s]", s["k"]); s["k"] = NULL; printf("[%s]\n", s["k"]); exit(0); }
