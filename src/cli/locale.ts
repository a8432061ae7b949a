/** The language of the terminal's texts. */
import type { Locale } from '../strings/index.ts';

/** Korean where the system's locale is Korean, else English. Node takes it from `LC_ALL` and `LANG`. */
export const systemLocale = (): Locale =>
  Intl.DateTimeFormat().resolvedOptions().locale.startsWith('ko') ? 'ko' : 'en';
