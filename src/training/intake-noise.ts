/**
 * What in a line is not lyric: addresses, mentions, invisible characters; and which whole lines are none: labels
 * of verses, credits, separators. Every pattern is linear in the line's length, whatever people send.
 */

/** How much was taken out. */
export interface Removed {
  urls: number;
  mentions: number;
  boilerplateLines: number;
  characters: number;
}

/** Links in ASCII up to the next character of another script: Korean goes on right behind them. */
const URLS =
  /<?(?:https?|ftp):\/\/[!-;=?-~]+>?|\bwww\.[!-;=?-~]+|\b(?:[a-z0-9-]{1,63}\.){1,5}(?:com|net|org|kr|jp|io|be|me|gg|tv)(?:\/[!-;=?-~]*|(?![\w.-]))/gi;
const MAIL = /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}/g;
/** Of Discord and Slack: people, roles, channels, their own emoji, times, commands. */
const REFERENCES = /<(?:[@#!]|a?:\w+:|t:-?\d|\/\w|id:|mailto:|tel:)[^<>]{0,200}>/g;
const NAMES = /[@＠][\p{L}\p{N}_.-]{1,64}/gu;
const SPACES = /[\t\p{Zs}]+/gu;
/** Control, format, half surrogates, private use, unassigned, undecodable, variants of emoji. */
const INVISIBLE = /\p{C}|\u{fffd}|\p{Variation_Selector}/gu;

/** A line without what is no lyric in it; counts what went. */
export function cleanLine(line: string, removed: Removed): string {
  const count = (kind: 'urls' | 'mentions', by: string) => () => {
    removed[kind]++;
    return by;
  };
  let text = line.replace(SPACES, ' ');
  // Most lines have none of these, and a search for one character is quick.
  if (text.includes('<')) text = text.replace(REFERENCES, count('mentions', ' '));
  const hasNames = /[@＠]/.test(text);
  if (hasNames) text = text.replace(MAIL, count('urls', ' '));
  if (/[.:]/.test(text)) text = text.replace(URLS, count('urls', ' '));
  if (hasNames) text = text.replace(NAMES, count('mentions', ' '));
  text = text.replace(INVISIBLE, () => {
    removed.characters++;
    return '';
  });
  return text.replace(/ {2,}/g, ' ').trim();
}

const PARTS =
  '(?:verse|pre-?chorus|post-?chorus|chorus|bridge|hook|intro|outro|interlude|refrain|rap|repeat|instrumental|coda|' +
  '후렴구?|벌스|프리 ?코러스|코러스|브릿지|브리지|간주(?:중|곡)?|전주(?:중)?|후주|인트로|아웃트로|도입부?|훅|랩|싸비|사비|반복|\\d{1,2} ?절)';
/** `[Verse 1: name]`, `(후렴)`, `【1절】`. */
const BRACKETED_LABEL = new RegExp(
  `^[[(<{【〔「『]\\s?\\d{0,2}\\.? ?${PARTS}(?![a-z가-힣])[^\\])>}】〕」』]{0,60}[\\])>}】〕」』]\\W{0,3}$`,
  'iu',
);
const BARE_LABEL =
  /^[※*\s]{0,3}(?:(?:verse|pre-?chorus|chorus|bridge|intro|outro|interlude|instrumental)(?: ?\d{1,2})?|후렴구?|간주(?:중|곡)?|전주중|후주|브릿지|코러스|\d{1,2} ?절|[x×] ?\d{1,2}|repeat(?: ?[x×] ?\d{1,2})?)\s?(?:[x×*] ?\d{1,2})?\s?[:：.]?$/iu;
const CREDIT =
  /^[-*·•]?\s?(?:작사(?: ?[·,/&] ?작곡)?(?: ?[·,/&] ?편곡)?|작곡(?: ?[·,/&] ?편곡)?|편곡|노래|가수|아티스트|제목|곡명|수록 ?앨범|앨범(?:명)?|발매일?|장르|가사 ?출처|출처|가사|원곡|기획사|lyrics?(?: by)?|composed by|written by|music by|arranged by|produced by|title|artist|album|singer|composer|lyricist|source|genre|release(?:d| date)?)\s?[:：|]/iu;
const BYLINE = /^(?:lyrics|words|music|composed|written|arranged|produced) by\b/iu;
const LEGAL = /^(?:copyright\b|©|ⓒ|\(c\) ?\d{4}|all rights reserved|무단 ?(?:전재|복제|배포)|저작권)/iu;
const SEPARATOR = /^[\s\-=_*#+·•─━—–♪♫♬♩☆★■□◆◇○●◎※|/\\<>^.]{3,}$/u;
const DOTS = /^[\s.]+$/;
/** Credits and their like are short; a lyric may well begin with such a word. */
const LONGEST_BOILERPLATE = 120;

/** Whether a cleaned line labels a part of the song, such as `[Chorus]` or `1절`. */
export const isLabel = (line: string): boolean =>
  line.length <= LONGEST_BOILERPLATE && (BRACKETED_LABEL.test(line) || BARE_LABEL.test(line));

/** Whether a cleaned line is about the song and not of it. */
export const isBoilerplate = (line: string): boolean =>
  line.length <= LONGEST_BOILERPLATE &&
  (isLabel(line) || CREDIT.test(line) || BYLINE.test(line) || LEGAL.test(line));

/** Whether a cleaned line only sets others apart: it counts as a blank one. */
export const isSeparator = (line: string): boolean => SEPARATOR.test(line) && !DOTS.test(line);
