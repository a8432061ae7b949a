/** The languages that people can read: Korean first, English second. */
export const LOCALES = ['ko', 'en'] as const;
export type Locale = (typeof LOCALES)[number];

/** A text in every language. */
export type Localized = Readonly<Record<Locale, string>>;
