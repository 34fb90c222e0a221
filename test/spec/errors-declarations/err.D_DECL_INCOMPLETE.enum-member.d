/*
 * ASSERTION: a member is of a complete type, enums too
 * SECTION: 11
 */

struct holder {
	int first;
	enum later when;
};
BEGIN { exit(0); }
