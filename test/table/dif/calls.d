/* Arguments first, all of them, then the tuple stack: the inner call has used it and left it empty. */
BEGIN { trace(strjoin(strjoin("a", probename), "b")); }
