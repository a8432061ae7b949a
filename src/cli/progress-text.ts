/** A training's progress in words. */
import type { Locale, Localized } from '../strings/index.ts';
import type { Losses, ProgressOf, TrainingProgress } from '../training/progress.ts';

export const BAR_FORMAT: Localized = {
  ko: '{bar} {percentage}% | 에폭 {epoch} | 손실 {loss} | 검증 {valLoss} | {speed}자/초 | {left} 남음',
  en: '{bar} {percentage}% | epoch {epoch} | loss {loss} | val {valLoss} | {speed} chars/s | {left} left',
};

export const barPayload = (
  step: ProgressOf<'step'> | undefined,
  valLoss: number | undefined,
  locale: Locale,
) => ({
  epoch: step ? step.epoch.toFixed(1) : '-',
  loss: step ? step.loss.toFixed(3) : '-',
  valLoss: valLoss === undefined ? '-' : valLoss.toFixed(3),
  speed: step ? grouped(step.charsPerSecond, locale) : '-',
  left: step ? duration(step.secondsLeft) : '-',
});

/** A line, or two, for an event; `''` for what need not be said. */
export function describeProgress(progress: TrainingProgress, locale: Locale): string {
  const text = SAY[progress.type] as (progress: TrainingProgress, locale: Locale) => Localized | undefined;
  return text(progress, locale)?.[locale] ?? '';
}

type Sayings = {
  readonly [T in TrainingProgress['type']]: (p: ProgressOf<T>, locale: Locale) => Localized | undefined;
};

const SAY: Sayings = {
  started(p, locale) {
    const n = (value: number) => grouped(value, locale);
    const { train, val, test } = p.characters;
    const mib = n(p.memory / 2 ** 20);
    const added = n(p.newCharacters);
    return {
      ko: [
        `${p.engine} | 매개변수 ${n(p.parameters)}개, 문자 ${n(p.vocabulary)}종(새 문자 ${added}종), 메모리 ${mib} MiB`,
        `글자 수: 학습 ${n(train)}, 검증 ${n(val)}, 시험 ${n(test)} | 묶음 ${p.batchSize} x ${p.seqLength}, 모두 ${n(p.steps)}단계`,
        ...(p.step > 0 ? [`${n(p.step)}단계에서 이어서 합니다.`] : []),
        ...(p.replaces ? ['같은 이름의 체크포인트가 있습니다. 첫 검증 뒤에 바뀝니다.'] : []),
      ].join('\n'),
      en: [
        `${p.engine} | ${n(p.parameters)} parameters, ${n(p.vocabulary)} characters (${added} new), ${mib} MiB`,
        `characters: train ${n(train)}, val ${n(val)}, test ${n(test)} | batch ${p.batchSize} x ${p.seqLength}, ${n(p.steps)} steps`,
        ...(p.step > 0 ? [`going on from step ${n(p.step)}`] : []),
        ...(p.replaces ? ['a checkpoint of this name exists; the first validation will replace it'] : []),
      ].join('\n'),
    };
  },
  step(p, locale) {
    const at = `${p.step}/${p.steps}`;
    const [epoch, loss, speed] = [p.epoch.toFixed(2), p.loss.toFixed(4), grouped(p.charsPerSecond, locale)];
    const rate = p.learningRate.toPrecision(3);
    const left = duration(p.secondsLeft);
    return {
      ko: `단계 ${at} | 에폭 ${epoch} | 손실 ${loss} | 학습률 ${rate} | ${speed}자/초 | ${left} 남음`,
      en: `step ${at} | epoch ${epoch} | loss ${loss} | rate ${rate} | ${speed} chars/s | ${left} left`,
    };
  },
  validated(p) {
    const [epoch, loss] = [p.epoch.toFixed(2), p.valLoss.toFixed(4)];
    return {
      ko: `에폭 ${epoch} | 검증 손실 ${loss}${p.best ? ' (가장 낮음)' : ''}`,
      en: `epoch ${epoch} | validation loss ${loss}${p.best ? ' (best)' : ''}`,
    };
  },
  sample(p) {
    const verse = p.text.replace(/^/gm, '    ');
    return { ko: `에폭 ${p.epoch}의 노래:\n${verse}`, en: `a verse after epoch ${p.epoch}:\n${verse}` };
  },
  saved(p) {
    return p.what === 'checkpoint' ? { ko: `저장: ${p.file}`, en: `saved ${p.file}` } : undefined;
  },
  stopped(p) {
    return p.reason === 'patience'
      ? {
          ko: '검증 손실이 더 나아지지 않아 멈춥니다.',
          en: 'the validation loss no longer improves: stopping',
        }
      : { ko: `${p.step}단계에서 저장하고 멈췄습니다.`, en: `saved and stopped at step ${p.step}` };
  },
  done(p, locale) {
    const loss = p.valLoss === null ? '-' : p.valLoss.toFixed(4);
    const [speed, time] = [grouped(p.charsPerSecond, locale), duration(p.seconds)];
    // What a new network began with says nothing.
    const changes = p.samples.length > 0 && p.losses && describeLosses(p.losses);
    return {
      ko: `${changes ? `${changes.ko}\n` : ''}완료: ${p.checkpoint} | 검증 손실 ${loss} | ${p.epochs.toFixed(1)} 에폭 | ${speed}자/초 | ${time}`,
      en: `${changes ? `${changes.en}\n` : ''}done: ${p.checkpoint} | validation loss ${loss} | ${p.epochs.toFixed(1)} epochs | ${speed} chars/s | ${time}`,
    };
  },
};

function describeLosses({ newText, base }: Losses): Localized {
  const change = ({ before, after }: Losses['newText']) => `${before.toFixed(4)} -> ${after.toFixed(4)}`;
  return {
    ko: `손실: 새 글 ${change(newText)}${base ? `, 바탕 글 ${change(base)}` : ''}`,
    en: `loss: new text ${change(newText)}${base ? `, base text ${change(base)}` : ''}`,
  };
}

const grouped = (value: number, locale: Locale): string => Math.round(value).toLocaleString(locale);

/** `1:02:03`, `2:03`. */
function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
