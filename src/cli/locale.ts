/** The language of the terminal's texts, as the configuration has it. */
import { localeOf } from '../config.ts';
import type { Locale } from '../strings/index.ts';

export const systemLocale = (): Locale => localeOf();
