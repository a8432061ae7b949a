/** The losses of a training as a drawing (SVG): curves over epochs, each named where it ends. Knows no files. */
import { scaleLinear } from 'd3-scale';
import { curveMonotoneX, line } from 'd3-shape';

export interface ChartPoint {
  /** Passes over the text, with fraction. */
  readonly epoch: number;
  /** Nats per character: of training, and on what was held out of the new text and of the base text. */
  readonly loss: number | null;
  readonly valLoss: number | null;
  readonly baseLoss: number | null;
}

/** All that the picture says, in the reader's language. */
export interface ChartWords {
  readonly title: string;
  readonly subtitle: string;
  /** Of the axes. */
  readonly epoch: string;
  readonly loss: string;
  /** Of the curves. */
  readonly training: string;
  readonly newText: string;
  readonly baseText: string;
}

export interface Chart {
  readonly points: readonly ChartPoint[];
  readonly words: ChartWords;
}

export const FONT = 'NanumGothic';
/** Of the drawing; a picture is larger by a factor. */
export const SIZE = { width: 960, height: 560 } as const;
const PLOT = { left: 84, top: 116, right: 742, bottom: 484 } as const;
const COLORS = { paper: '#fffdfa', ink: '#2f2a38', faint: '#8d8798', grid: '#e9e5ee' } as const;
/** Told apart by lightness too. */
const CURVES = {
  loss: { color: '#c3b5da', width: 2.5 },
  valLoss: { color: '#5b3a94', width: 4 },
  baseLoss: { color: '#c96f12', width: 4 },
} as const;
type Curve = keyof typeof CURVES;
/** Between the names of two curves, so that they do not overlap. */
const NAME_HEIGHT = 56;
/** Share of the training losses that may lie above the picture: the first ones would squeeze the rest. */
const CUT_SHARE = 0.03;
const TITLE_WIDTH = 29;

interface Spot {
  readonly x: number;
  readonly y: number;
}
interface Drawn {
  readonly curve: Curve;
  readonly spots: readonly Spot[];
  readonly last: number;
}

/** The drawing; of no points the frame alone. */
export function chartSvg({ points, words }: Chart): string {
  const lastEpoch = Math.max(0, ...points.map(({ epoch }) => epoch)) || 1;
  const [low, high] = lossRange(points);
  const x = scaleLinear([0, lastEpoch], [PLOT.left, PLOT.right]);
  const y = scaleLinear([low, high], [PLOT.bottom, PLOT.top]).nice(5);
  const drawn = (Object.keys(CURVES) as Curve[]).flatMap((curve) => {
    const values = points.flatMap((point) => (point[curve] === null ? [] : [[point.epoch, point[curve]]]));
    if (values.length === 0) return [];
    const spots = values.map(([epoch, loss]) => ({ x: x(epoch!), y: Math.max(PLOT.top, y(loss!)) }));
    return [{ curve, spots, last: values.at(-1)![1]! }];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE.width}" height="${SIZE.height}"`,
    ` viewBox="0 0 ${SIZE.width} ${SIZE.height}" font-family="${FONT}" fill="${COLORS.ink}">`,
    `<rect width="100%" height="100%" fill="${COLORS.paper}"/>`,
    text(36, 52, shorten(words.title, TITLE_WIDTH), { size: 30, bold: true }),
    text(36, 86, words.subtitle, { size: 19, color: COLORS.faint }),
    ...lossAxis(y, words.loss),
    ...epochAxis(x, lastEpoch, words.epoch),
    ...drawn.map(drawCurve),
    ...names(drawn, words),
    '</svg>',
  ].join('');
}

/** What the picture must show, with room above and below. */
function lossRange(points: readonly ChartPoint[]): [number, number] {
  const training = points.flatMap(({ loss }) => (loss === null ? [] : [loss])).sort((a, b) => a - b);
  const heldOut = points
    .flatMap(({ valLoss, baseLoss }) => [valLoss, baseLoss])
    .filter((one) => one !== null);
  const cut = training[Math.ceil(training.length * (1 - CUT_SHARE)) - 1];
  const shown = [...heldOut, ...(cut === undefined ? [] : [training[0]!, cut])];
  if (shown.length === 0) return [0, 1];
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const room = Math.max((high - low) * 0.06, 0.02);
  return [Math.max(0, low - room), high + room];
}

type Scale = ReturnType<typeof scaleLinear<number>>;

function lossAxis(y: Scale, label: string): string[] {
  const format = y.tickFormat(5);
  return [
    ...y.ticks(5).flatMap((loss) => {
      const at = y(loss);
      return [
        `<path d="M${PLOT.left} ${round(at)}H${PLOT.right}" stroke="${COLORS.grid}" stroke-width="1.5"/>`,
        text(PLOT.left - 14, at + 7, format(loss), { size: 19, color: COLORS.faint, anchor: 'end' }),
      ];
    }),
    text(PLOT.right, PLOT.top - 12, label, { size: 17, color: COLORS.faint, anchor: 'end' }),
  ];
}

function epochAxis(x: Scale, lastEpoch: number, label: string): string[] {
  // Whole epochs, unless there is not even one.
  const ticks = x
    .ticks(Math.min(10, Math.max(2, Math.floor(lastEpoch))))
    .filter(lastEpoch < 1 ? Boolean : Number.isInteger);
  return [
    `<path d="M${PLOT.left} ${PLOT.bottom}H${PLOT.right}" stroke="${COLORS.faint}" stroke-width="1.5"/>`,
    ...ticks.map((epoch) =>
      text(x(epoch), PLOT.bottom + 29, String(epoch), { size: 19, color: COLORS.faint, anchor: 'middle' }),
    ),
    text(PLOT.right + 22, PLOT.bottom + 29, label, { size: 19, color: COLORS.faint }),
  ];
}

const path = line<Spot>(
  ({ x }) => round(x),
  ({ y }) => round(y),
).curve(curveMonotoneX);

function drawCurve({ curve, spots }: Drawn): string {
  const { color, width } = CURVES[curve];
  const last = spots.at(-1)!;
  const end = `<circle cx="${round(last.x)}" cy="${round(last.y)}" r="${width * 1.6}" fill="${color}"/>`;
  const shape = `stroke="${color}" stroke-width="${width}" stroke-linejoin="round" stroke-linecap="round"`;
  return `<path d="${path(spots)}" fill="none" ${shape}/>${end}`;
}

/** Beside each curve's end: what it is, and its last loss. */
function names(drawn: readonly Drawn[], words: ChartWords): string[] {
  const labels = { loss: words.training, valLoss: words.newText, baseLoss: words.baseText };
  const wanted = drawn.map(({ spots }) => spots.at(-1)!.y);
  const places = spread(wanted, NAME_HEIGHT, PLOT.top + 6, PLOT.bottom - 22);
  return drawn.flatMap(({ curve, last }, i) => {
    const color = curve === 'loss' ? COLORS.faint : CURVES[curve].color;
    return [
      text(PLOT.right + 22, places[i]! - 2, labels[curve], { size: 20, color, bold: curve !== 'loss' }),
      text(PLOT.right + 22, places[i]! + 22, last.toFixed(3), { size: 20, color }),
    ];
  });
}

/** Places near the wanted ones, at least `gap` apart, within bounds as far as there is room. */
export function spread(wanted: readonly number[], gap: number, least: number, most: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
  const places = [...wanted];
  let free = least;
  for (const i of order) {
    places[i] = Math.max(places[i]!, free);
    free = places[i]! + gap;
  }
  let bound = most;
  for (const i of order.toReversed()) {
    places[i] = Math.min(places[i]!, bound);
    bound = places[i]! - gap;
  }
  return places;
}

interface Style {
  readonly size: number;
  readonly color?: string;
  readonly bold?: boolean;
  readonly anchor?: 'middle' | 'end';
}

function text(
  x: number,
  y: number,
  words: string,
  { size, color = COLORS.ink, bold, anchor }: Style,
): string {
  const more = `${bold ? ' font-weight="700"' : ''}${anchor ? ` text-anchor="${anchor}"` : ''}`;
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${color}"${more}>${escapeXml(words)}</text>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as XML takes it: control characters would end the parser. */
const escapeXml = (words: string): string =>
  words
    .replace(/[\p{Cc}\p{Surrogate}\uFFFE\uFFFF]/gu, ' ')
    .replace(/[&<>"]/g, (character) => ENTITIES[character]!);

/** At most so many Hangul syllables wide; a Latin letter counts as about half of one. */
function shorten(words: string, most: number): string {
  let width = 0;
  let short = '';
  for (const character of words) {
    width += character < '\u1100' ? 0.55 : 1;
    if (width > most) return `${short.trimEnd()}…`;
    short += character;
  }
  return short;
}

const round = (value: number): number => Math.round(value * 100) / 100;
