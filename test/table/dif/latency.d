/* The idiom of every latency script: remember, subtract, forget. */
vec:::0x20 { self->start = timestamp; }
vec:::0x21 /self->start/
{
	@gap = quantize(timestamp - self->start);
	self->start = 0;
}
