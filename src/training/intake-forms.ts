/** Lines of lyric out of what people keep lyrics in: synchronised lyrics (LRC), Markdown, chat messages. */

/** `[ar:...]`, `[offset:+500]`, `[#:...]`. */
const LRC_TAG = /^\s*\[(?:ar|ti|al|au|by|offset|length|re|ve|la|id|tool|#)\s*:[^\]]*\]\s*$/i;
const LRC_STAMPS = /^\s*(?:\[\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?\]\s*)+/;
const LRC_STAMP = /\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]/g;
const LRC_WORD_STAMPS = /<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>/g;
/** Synchronised under another name: so many lines, and so large a share of all. */
const FEWEST_STAMPED = 3;
const STAMPED_SHARE = 0.5;
/** What is sung again may be so many times as long as all lines: a refrain is, a line of a thousand stamps is none. */
const MOST_REPEATED = 4;

/** Whether lines are synchronised lyrics, whatever their file is called. */
export function isLrc(lines: readonly string[]): boolean {
  const stamped = lines.filter((line) => LRC_STAMPS.test(line)).length;
  const texts = lines.filter((line) => line.trim() !== '').length;
  return stamped >= FEWEST_STAMPED && stamped >= STAMPED_SHARE * texts;
}

/** A line without the stamps that it begins with and those of its words. */
export const unstamped = (line: string): string =>
  line.includes(':') ? line.replace(LRC_STAMPS, '').replace(LRC_WORD_STAMPS, '') : line;

/** Without stamps and tags, in the order of time: a line with several stamps is sung several times. */
export function lrcLines(lines: readonly string[]): string[] {
  const timed: { readonly at: number; readonly text: string }[] = [];
  let last = 0;
  let room = MOST_REPEATED * lines.reduce((sum, line) => sum + line.length, 0);
  for (const line of lines) {
    if (LRC_TAG.test(line)) continue;
    const stamps = LRC_STAMPS.exec(line)?.[0] ?? '';
    const text = line.slice(stamps.length).replace(LRC_WORD_STAMPS, '');
    const times = [...stamps.matchAll(LRC_STAMP)].map(
      ([, m, s, f = '']) => 60 * Number(m) + Number(`${s}.${f}`),
    );
    // A line without a stamp stays behind the one before it.
    const [first = last, ...again] = times;
    timed.push({ at: first, text });
    for (const at of again) {
      room -= text.length + 1;
      if (room < 0) break;
      timed.push({ at, text });
    }
    last = times.at(-1) ?? last;
  }
  return timed.sort((a, b) => a.at - b.at).map(({ text }) => text);
}

/** Two blank lines. */
const SONG_BREAK = ['', '', ''];
const FENCE = /^\s*(?:```|~~~)/;
const HEADING = /^ {0,3}#{1,6}(?:\s+(.*?))?\s*#*$/;
const QUOTE = /^\s*>{1,3}\s?/;
const BULLET = /^\s*(?:[-*+]|\d{1,3}[.)])\s+/;
const FRONT_MATTER_LINES = 50;

/**
 * Lines of Markdown without its marks, line by line: a verse lives by its line ends, which a Markdown parser
 * joins. A heading parts songs, unless `isLabel` says that it names a part of one.
 */
export function markdownLines(lines: readonly string[], isLabel: (line: string) => boolean): string[] {
  return lines.slice(frontMatter(lines)).flatMap((line) => {
    if (FENCE.test(line)) return [];
    const heading = HEADING.exec(line);
    if (heading) return isLabel(unmarked(heading[1] ?? '').trim()) ? [''] : SONG_BREAK;
    return [unmarked(line.replace(QUOTE, '').replace(BULLET, ''))];
  });
}

function frontMatter(lines: readonly string[]): number {
  if (lines[0]?.trim() !== '---') return 0;
  const end = lines.slice(1, FRONT_MATTER_LINES).findIndex((line) => /^(?:---|\.\.\.)\s*$/.test(line));
  return end < 0 ? 0 : end + 2;
}

const IMAGE_OR_LINK = /(!?)\[([^[\]]{0,200})\]\([^()]{0,500}\)/g;
const TAG = /<\/?[a-z][^<>]{0,100}>/gi;
const STRONG = /\*+|`+|\|\||__/g;
const EMPHASIS = /(?<![\p{L}\p{N}])_([^_]{1,200})_(?![\p{L}\p{N}])/gu;
const STRUCK = /~~([^~]{1,200})~~/g;
const ESCAPE = /\\([!-/:-@[-`{-~])/g;
const ESCAPED = /[\ue000-\ue07f]/g;
const FIRST_PRIVATE = 0xe000;

/** A line without the marks that stand within it. */
export function unmarked(line: string): string {
  if (!/[*_`|~<[\\]/.test(line)) return line;
  return (
    line
      .replace(ESCAPED, '')
      // An escaped mark is a character: it hides in the private area until the marks are gone.
      .replace(ESCAPE, (_, mark: string) => String.fromCharCode(FIRST_PRIVATE + mark.charCodeAt(0)))
      .replace(IMAGE_OR_LINK, (_, image: string, text: string) => (image ? '' : text))
      .replace(/<br\s?\/?>/gi, ' ')
      .replace(TAG, '')
      .replace(STRONG, '')
      .replace(EMPHASIS, '$1')
      .replace(STRUCK, '$1')
      .replace(/\\$/, '')
      .replace(ESCAPED, (mark) => String.fromCharCode(mark.charCodeAt(0) - FIRST_PRIVATE))
  );
}

const CODE_BLOCK = /```[^`]*```/g;
/** `/ballad`, `!play`, `.help`: to a bot. */
const ORDER = /^[/!.$][a-z가-힣]/i;

/** Lines of a chat message without code, orders to bots, and what it quotes of others. */
export function messageLines(message: string): string[] {
  if (ORDER.test(message.trimStart())) return [];
  return message
    .replace(CODE_BLOCK, '')
    .split('\n')
    .filter((line) => !/^\s*(?:>|&gt;)/.test(line))
    .map((line) => unescaped(unmarked(line.replace(BULLET, '')).replace(SHORT_CODE, '')));
}

/** `:smile:`, but not the minutes of `1:30:00`. */
const SHORT_CODE = /(?<!<a?):(?=[a-z0-9_+-]{0,30}[a-z])[a-z0-9_+-]{2,40}:/g;
const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** As Slack sends what its own marks are made of. */
const unescaped = (line: string): string => line.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]!);
