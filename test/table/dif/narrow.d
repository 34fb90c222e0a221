/* Arithmetic is done in 64 bits and cut where the language says so: casts, and values of assignments. */
int n;
BEGIN { n = (char)arg0; trace(n++ + (unsigned short)arg1); }
