/*
 * ASSERTION: string keys sort by bytes, a prefix first; long ones take their room
 * SECTION: 7.5
 */

#pragma D option quiet

BEGIN { @["b"] = count(); @["ab"] = count(); @["a"] = count(); @[""] = count(); @["0123456789012345678901234567890123456789012345678901234567890"] = count(); exit(0); }
