/*
 * ASSERTION: a clause whose descriptions name a probe twice runs twice there, each time under an EPID of its own
 * SECTION: 3
 * ARGS: -x tier=fast -t $TRACES/tiny32-int-storm.log.gz -q
 */

vec::page_fault:,vec:::0x0e { @["firings"] = count(); @ids["epid"] = quantize(epid); self->n++; @n["last"] = max(self->n); }
