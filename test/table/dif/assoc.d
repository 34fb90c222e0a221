/* Keys are evaluated once, to registers; the tuple stack is filled right before each use. */
int hits[string, int];
BEGIN { hits["a", cpu + 1] += arg0; }
