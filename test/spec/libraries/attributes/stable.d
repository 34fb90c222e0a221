#pragma D binding "1.2" stable_name
inline int stable_name = 6;
#pragma D attributes Evolving/Evolving/Common stable_name
