/*
 * ASSERTION: with quietresize nothing is said of buffers that were halved
 * SECTION: 10.2
 * ARGS: -x bufsize=1t -x aggsize=1t -x quietresize
 */
BEGIN { exit(0); }
