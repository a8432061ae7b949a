/**
 * Bytes to text, whatever a Korean text file may be in: UTF-8, UTF-16 (with byte order mark or without) or
 * CP949 (of which EUC-KR is a part). Each guess is strict and over the whole file: a decoding is taken only
 * when no byte contradicts it.
 */
import iconv from 'iconv-lite';
import { UserError } from '../errors.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'cp949';

export interface Decoded {
  readonly text: string;
  readonly encoding: Encoding;
}

const MARKS: readonly [Exclude<Encoding, 'cp949'>, readonly number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** Documents that may look like text for pages: PDF, RTF, ZIP (docx, hwpx), OLE (doc, hwp). */
const DOCUMENTS = ['%PDF-', '{\\rtf', 'PK\x03\x04', '\xd0\xcf\x11\xe0'].map((mark) =>
  Buffer.from(mark, 'latin1'),
);

/** Random bytes hold a tenth of control bytes, text none but by accident. */
const MAX_CONTROL_SHARE = 0.05;

/** The text of a file. Throws a `UserError` that names `file` when it is binary or in no known encoding. */
export function decodeText(bytes: Uint8Array, file: string): Decoded {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [encoding, mark] of MARKS) {
    if (!mark.every((byte, i) => buffer[i] === byte)) continue;
    const text = decodeStrictly(buffer, encoding);
    if (text === undefined) throw new UserError('dataUndecodable', { file });
    return { text, encoding };
  }
  const isBinary = isDocument(buffer) || hasBinaryBytes(buffer);
  const decoded = (isBinary ? undefined : (decodeUtf8(buffer) ?? decodeCp949(buffer))) ?? decodeUtf16(buffer);
  if (!decoded) throw new UserError(isBinary ? 'dataBinary' : 'dataUndecodable', { file });
  return decoded;
}

function decodeStrictly(bytes: Uint8Array, encoding: Exclude<Encoding, 'cp949'>): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function decodeUtf8(bytes: Uint8Array): Decoded | undefined {
  const text = decodeStrictly(bytes, 'utf-8');
  return text === undefined ? undefined : { text, encoding: 'utf-8' };
}

/**
 * iconv-lite's table, because Node's own decoder is wrong for some syllables (똠, 펲, 햏). Encoding the text
 * again must give the same bytes. Many Japanese and Chinese files pass that too, so most characters must also
 * be the 2,350 syllables of KS X 1001, with which nearly all Korean is written.
 */
function decodeCp949(bytes: Buffer): Decoded | undefined {
  const text = iconv.decode(bytes, 'cp949');
  if (!iconv.encode(text, 'cp949').equals(bytes)) return undefined;
  let pairs = 0;
  let syllables = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] < 0x80) continue;
    pairs++;
    if (bytes[i] >= 0xb0 && bytes[i] <= 0xc8 && bytes[i + 1] >= 0xa1) syllables++;
    i++;
  }
  return syllables > pairs / 2 ? { text, encoding: 'cp949' } : undefined;
}

/** Without a mark: most must be Hangul or ASCII in one byte order, and nothing that no text holds. */
function decodeUtf16(bytes: Uint8Array): Decoded | undefined {
  for (const encoding of ['utf-16le', 'utf-16be'] as const) {
    const text = decodeStrictly(bytes, encoding);
    if (text === undefined || /[^\P{C}\n\r\t\p{Cf}]/u.test(text)) continue;
    const familiar = text.match(/[\n\r\t\x20-\x7e\uac00-\ud7a3]/g)?.length ?? 0;
    if (familiar > text.length / 2) return { text, encoding };
  }
  return undefined;
}

const isDocument = (bytes: Buffer): boolean =>
  DOCUMENTS.some((mark) => bytes.subarray(0, mark.length).equals(mark));

/** Whether bytes are too often control characters for an encoding that keeps ASCII; white space is none. */
function hasBinaryBytes(bytes: Buffer): boolean {
  if (bytes.includes('\0\0', 0, 'latin1')) return true;
  let controls = 0;
  // By index: with an iterator this took most of the time of a large file (seen in a profile).
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte < 9 || (byte > 13 && byte < 32) || byte === 127) controls++;
  }
  return controls > bytes.length * MAX_CONTROL_SHARE;
}
