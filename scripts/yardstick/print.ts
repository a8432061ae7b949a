/** The curve and the figures as people read them. */
import type { Locale } from '../../src/strings/index.ts';
import { table } from '../corpus/print.ts';
import type { Result } from './measure.ts';
import { PROTOCOLS } from './protocols.ts';

const WORDS = {
  ko: {
    epoch: '에폭',
    minutes: '분',
    val: '검증 nats',
    model: '모델',
    bits: 'bits',
    published: '발표',
    ours: '우리',
  },
  en: {
    epoch: 'epoch',
    minutes: 'minutes',
    val: 'val nats',
    model: 'model',
    bits: 'bits',
    published: 'published',
    ours: 'ours',
  },
} as const;

const OTHER_TEXT = {
  ko: '이 글은 tinyshakespeare가 아닙니다. 발표된 수치는 다른 글의 것입니다.',
  en: 'this text is not tinyshakespeare: the published figure is of another one',
} as const;

export function resultText(result: Result, locale: Locale): string {
  const words = WORDS[locale];
  const { title, published } = PROTOCOLS[result.protocol];
  const curve = result.curve.map(({ epoch, minutes, val_nats }) => [
    epoch.toFixed(2),
    minutes.toFixed(1),
    val_nats.toFixed(4),
  ]);
  const row = (model: string, nats: number) => [model, nats.toFixed(4), (nats / Math.LN2).toFixed(4)];
  return [
    `${title[locale]} | ${result.engine} | Node ${result.node}`,
    table([[words.epoch, words.minutes, words.val], ...curve]),
    table([
      [words.model, words.val, words.bits],
      row(
        `${words.ours}: ${networkText(result)}, ${result.minutes.toFixed(1)} ${words.minutes}`,
        result.val_nats,
      ),
      row(`${words.published}: ${published.model}`, published.nats),
      row('Kneser-Ney 7-gram', result.kneser_ney_7_nats),
    ]),
    ...(result.public_text ? [] : [OTHER_TEXT[locale]]),
  ].join('\n\n');
}

function networkText({ settings, parameters }: Result): string {
  const { model, numLayers, rnnSize } = settings;
  return `${model.toUpperCase()} ${numLayers} x ${rnnSize}, ${(parameters / 1e6).toFixed(2)} M`;
}
