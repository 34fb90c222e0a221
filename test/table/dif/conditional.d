/* Two strings, one register: both arms of ?: leave their value in the same place. */
BEGIN { trace(arg0 & 1 ? "odd" : "even"); }
