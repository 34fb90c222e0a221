/*
 * ASSERTION: probes of one clause agree on args[]
 * SECTION: 13.3
 * ARGS: -Z
 */

provider app { probe a(int); probe b(string); };
app:::a, app:::b { trace(args[0]); }
