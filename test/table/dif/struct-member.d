/* A store to a member makes the array's element exist before it takes its address. */
struct point { int x; int y; };
struct point at[int];
BEGIN { at[1].y = 7; }
