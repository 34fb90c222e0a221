/*
 * ASSERTION: -lv shows stability and argument types
 * SECTION: 10.3
 * ARGS: -lv
 */

BEGIN, vec:::0x0e, profile-97 { }
