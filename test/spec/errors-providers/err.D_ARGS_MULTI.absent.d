/*
 * ASSERTION: of a description that matches nothing, which -Z allows, nobody knows the types of args[]
 * SECTION: 2.5
 * ARGS: -Z
 */
io:::start { trace(args[0]); }
