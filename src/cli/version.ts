/** What `-V` says. A test holds VERSION against package.json. */
import { LANGUAGE_VERSION } from '../dif/options.ts';

export const VERSION = '0.1.0';
export const VERSION_LINE = `trapline: trapline ${VERSION} (D ${LANGUAGE_VERSION.join('.')})\n`;
