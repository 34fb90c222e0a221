/*
 * ASSERTION: another language's else-if is told D's
 * SECTION: 2.1
 */

BEGIN { if (pid == 1) { trace(1); } elif (pid == 2) { trace(2); } }
