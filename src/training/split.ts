/**
 * Splits a text into what is trained on and what is held out. It knows characters (Unicode code points), no
 * vocabulary and no batches.
 *
 * `streams` is char-rnn's layout (github.com/karpathy/char-rnn, CharSplitLMMinibatchLoader): the text is cut
 * into `batchSize` equal streams of whole sequences; the last sequences of each stream are held out.
 * `tail` is nanoGPT's (github.com/karpathy/nanoGPT, data/shakespeare_char/prepare.py): the text's end is held out.
 * `blocks` keeps songs whole, and near-duplicates of a song on its side.
 */
import { createHash } from 'node:crypto';
import { UserError } from '../errors.ts';
import { groupSimilar } from './similarity.ts';
import { cutPieces, cutSongs, unifyLineEnds } from './songs.ts';

export interface SplitOptions {
  readonly mode: 'streams' | 'tail' | 'blocks';
  /** Streams: their number. */
  readonly batchSize: number;
  /** Characters a sequence. */
  readonly seqLength: number;
  readonly trainFrac: number;
  /** The rest, if any, is the test part. */
  readonly valFrac: number;
}

export interface Segment {
  readonly text: string;
  /** Whether it is one whole song: then its first character and its end are to be learnt too. */
  readonly song: boolean;
}

export interface Parts {
  readonly train: Segment[];
  readonly val: Segment[];
  readonly test: Segment[];
}

type PartName = keyof Parts;

/**
 * Splits a text. Throws a `UserError` where it has fewer than two sequences, or (streams) not one a stream.
 *
 * Streams: a segment is one stream's share of a part, and with it the character that follows, which is the
 * last target; after the very last character that is the first of the text, as in char-rnn.
 * Tail: each part is one segment.
 * Blocks: a segment is a song; in a text without blank lines, consecutive lines.
 */
export function splitText(text: string, options: SplitOptions): Parts {
  const { mode, batchSize, seqLength } = options;
  const characters = countCharacters(text);
  const needed = mode === 'streams' ? Math.max(2, batchSize) * seqLength : 2 * seqLength;
  if (characters < needed) throw new UserError('textTooSmall', { characters, needed, seqLength });
  if (mode === 'streams') return splitStreams(text, characters, options);
  return mode === 'tail' ? splitTail(text, characters, options) : splitBlocks(text, options);
}

function splitStreams(text: string, characters: number, options: SplitOptions): Parts {
  const { batchSize, seqLength } = options;
  const batches = Math.floor(characters / (batchSize * seqLength));
  const shares = batchShares(batches, options);
  const parts: Parts = { train: [], val: [], test: [] };
  const cut = characterSlicer(text);
  for (let stream = 0; stream < batchSize; stream++) {
    let start = stream * batches * seqLength;
    for (const part of ['train', 'val', 'test'] as const) {
      const end = start + shares[part] * seqLength;
      if (end > start) {
        const isLast = end === batchSize * batches * seqLength;
        parts[part].push({ text: isLast ? cut(start, end) + cut(0, 1) : cut(start, end + 1), song: false });
      }
      start = end;
    }
  }
  return parts;
}

/** Batches of each part, rounded as char-rnn does; but one at least is trained on. */
function batchShares(batches: number, { trainFrac, valFrac }: SplitOptions): Record<PartName, number> {
  const train = Math.max(1, Math.floor(batches * trainFrac));
  const hasTest = 1 - (trainFrac + valFrac) > 0;
  const val = hasTest ? Math.min(Math.floor(batches * valFrac), batches - train) : batches - train;
  return { train, val, test: batches - train - val };
}

/** Rounded down, as nanoGPT does. */
function splitTail(text: string, characters: number, { trainFrac, valFrac }: SplitOptions): Parts {
  const trainEnd = Math.max(1, Math.floor(characters * trainFrac));
  const heldIn = trainFrac + valFrac;
  const valEnd = heldIn > 1 - ROUNDING ? characters : Math.max(trainEnd, Math.floor(characters * heldIn));
  const cut = characterSlicer(text);
  const segment = (start: number, end: number): Segment[] =>
    end > start ? [{ text: cut(start, end), song: false }] : [];
  return {
    train: segment(0, trainEnd),
    val: segment(trainEnd, valEnd),
    test: segment(valEnd, characters),
  };
}

/** What is left of 1 by fractions such as 0.9 + 0.1 in binary. */
const ROUNDING = 1e-9;

/** `(start, end)` in code points to the text between; quick where each call begins near the end of the last. */
function characterSlicer(text: string): (start: number, end: number) => string {
  let character = 0;
  let unit = 0;
  const seek = (target: number): number => {
    for (; character < target; character++) unit += isPairAt(text, unit) ? 2 : 1;
    for (; character > target; character--) unit -= isPairAt(text, unit - 2) ? 2 : 1;
    return unit;
  };
  return (start, end) => text.slice(seek(start), seek(end));
}

const isPairAt = (text: string, unit: number): boolean => (text.codePointAt(unit) ?? 0) > 0xffff;

const countCharacters = (text: string): number =>
  text.length - (text.match(/[\u{10000}-\u{10FFFF}]/gu)?.length ?? 0);

/** Pieces of a text without songs: at least this many sequences each, and not many more than this many pieces. */
const PIECE_SEQUENCES = 4;
const PIECES = 200;

function splitBlocks(text: string, options: SplitOptions): Parts {
  const songs = cutSongs(text);
  if (songs.length > 1) {
    const places = assignParts(songs, options);
    const inPart = (part: PartName) =>
      songs.filter((_, i) => places[i] === part).map((song) => ({ text: song, song: true }));
    return { train: inPart('train'), val: inPart('val'), test: inPart('test') };
  }
  const lines = unifyLineEnds(text);
  const length = Math.max(PIECE_SEQUENCES * options.seqLength, Math.ceil(lines.length / PIECES));
  const pieces = cutPieces(lines, Math.min(length, Math.ceil(lines.length / 3)));
  return joinNeighbours(pieces, assignParts(pieces, options));
}

/** Consecutive pieces of one part are one segment. */
function joinNeighbours(pieces: readonly string[], places: readonly PartName[]): Parts {
  const parts: Parts = { train: [], val: [], test: [] };
  for (let first = 0; first < pieces.length; ) {
    let end = first + 1;
    while (places[end] === places[first]) end++;
    parts[places[first]].push({ text: pieces.slice(first, end).join(''), song: false });
    first = end;
  }
  return parts;
}

interface Group {
  members: number[];
  characters: number;
  /** Of its first member's text: the order in which groups are placed has nothing to do with the text's. */
  hash: string;
}

/**
 * The part of each song. Near-duplicates form a group, which stays together. Groups come in the order of
 * their hashes, each to the part that lacks most of its share so far, so every part meets its fraction to
 * about a song's length, and a group larger than the held-out parts is trained on.
 */
function assignParts(songs: readonly string[], { trainFrac, valFrac }: SplitOptions): PartName[] {
  const shares: [PartName, number][] = [
    ['train', trainFrac],
    ['val', valFrac],
    ['test', Math.max(0, 1 - trainFrac - valFrac)],
  ];
  const wanted = shares.filter(([, share]) => share > ROUNDING);
  const groups = groupSongs(songs);
  const held: Record<PartName, number> = { train: 0, val: 0, test: 0 };
  const placed = new Map<Group, PartName>();
  let total = 0;
  for (const group of groups) {
    total += group.characters;
    const lack = ([part, share]: [PartName, number]) => share * total - held[part];
    const [part] = wanted.reduce((most, candidate) => (lack(candidate) > lack(most) ? candidate : most));
    held[part] += group.characters;
    placed.set(group, part);
  }
  fillEmptyParts(wanted, placed, total);

  const places = new Array<PartName>(songs.length);
  for (const [group, part] of placed) for (const member of group.members) places[member] = part;
  return places;
}

function groupSongs(songs: readonly string[]): Group[] {
  const groups = new Map<number, Group>();
  for (const [song, first] of groupSimilar(songs).entries()) {
    let group = groups.get(first);
    if (!group) {
      group = { members: [], characters: 0, hash: createHash('sha256').update(songs[first]).digest('hex') };
      groups.set(first, group);
    }
    group.members.push(song);
    group.characters += countCharacters(songs[song]);
  }
  return [...groups.values()].sort((a, b) => (a.hash < b.hash ? -1 : 1));
}

/** Where there are few groups: a part that was asked for gets the training group nearest to it in size. */
function fillEmptyParts(
  wanted: readonly [PartName, number][],
  placed: Map<Group, PartName>,
  total: number,
): void {
  for (const [part, share] of wanted) {
    if ([...placed.values()].includes(part)) continue;
    const donors = [...placed].filter(([, place]) => place === 'train').map(([group]) => group);
    if (donors.length < 2) return;
    const distance = (group: Group) => Math.abs(group.characters - share * total);
    placed.set(
      donors.reduce((nearest, group) => (distance(group) < distance(nearest) ? group : nearest)),
      part,
    );
  }
}
