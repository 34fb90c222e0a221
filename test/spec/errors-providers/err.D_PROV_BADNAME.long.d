/*
 * ASSERTION: the name of a provider has at most 63 characters
 * SECTION: 13.3
 */

provider pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp { probe a(int); };
BEGIN { exit(0); }
