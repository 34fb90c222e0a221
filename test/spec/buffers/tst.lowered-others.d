/*
 * ASSERTION: sizes of aggregations, dynamic variables and speculations are halved until they can be had
 * SECTION: 9.7
 * ARGS: -x aggsize=1t -x dynvarsize=3000g -x specsize=100t
 */
BEGIN { x[1] = 2; @["one"] = count(); exit(x[1]); }
