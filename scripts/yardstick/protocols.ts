/** The public yardstick: what is measured by whose rules, what was published, and what we train with. */
import type { Localized } from '../../src/strings/index.ts';
import type { TrainSettings } from '../../src/training/settings.ts';

export const TEXT = {
  file: '../shared/data/tinyshakespeare.txt',
  url: 'https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt',
  sha256: '86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed',
} as const;

/** The recipe of both protocols (docs/log.md): 80 minutes of one busy core. */
export const RECIPE = {
  model: 'lstm',
  numLayers: 1,
  rnnSize: 768,
  embeddingSize: 64,
  tieWeights: false,
  dropout: 0.5,
  recurrentDropout: 0.25,
  batchSize: 16,
  seqLength: 128,
  maxEpochs: 28,
  optimizer: 'adamw',
  learningRate: 2e-3,
  schedule: 'cosine',
  cooldown: 0,
  evalValEvery: 0,
  patience: 0,
  // What is published is of networks alone.
  ngramOrder: 0,
} as const satisfies Partial<TrainSettings>;

export const PROTOCOL_NAMES = ['char-rnn', 'nanogpt'] as const;
export type ProtocolName = (typeof PROTOCOL_NAMES)[number];

export interface Protocol {
  readonly title: Localized;
  /** What is held out. */
  readonly split: Pick<TrainSettings, 'split' | 'trainFrac' | 'valFrac'>;
  /** Nats a character on the validation part. */
  readonly published: { readonly model: string; readonly nats: number };
}

export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  'char-rnn': {
    title: {
      ko: 'char-rnn의 나누기: 각 흐름의 마지막 5 %',
      en: "char-rnn's split: the last 5 % of each stream",
    },
    split: { split: 'streams', trainFrac: 0.95, valFrac: 0.05 },
    published: { model: 'LSTM of 2 layers, about', nats: 1.42 },
  },
  nanogpt: {
    title: { ko: 'nanoGPT의 나누기: 글의 마지막 10 %', en: "nanoGPT's split: the last 10 % of the text" },
    split: { split: 'tail', trainFrac: 0.9, valFrac: 0.1 },
    // README of github.com/karpathy/nanoGPT.
    published: { model: 'nanoGPT, transformer of 10 M parameters on a GPU', nats: 1.4697 },
  },
};
