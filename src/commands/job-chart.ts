/** The picture of a job's losses. */
import { trainingWords } from '../strings/training.ts';
import { ui } from '../strings/ui.ts';
import type { Jobs, JobView } from '../training/jobs-api.ts';
import type { ChartPoint } from './chart-svg.ts';
import { lossFields } from './job-message.ts';
import type { MessageFile } from './message.ts';

/** Undefined where there is nothing to be drawn. */
export async function jobChart(view: JobView, jobs: Pick<Jobs, 'curve'>): Promise<MessageFile | undefined> {
  const { id, name, baseName, outcome, locale } = view;
  const points = await jobs.curve(id);
  if (!outcome || points.length < 2) return undefined;
  const words = trainingWords(locale);
  const { drawChart } = await import('./chart.ts');
  const bytes = await drawChart({
    points: [
      ...beginning(view),
      ...points.map(({ epoch, loss, valLoss, baseLoss = null }) => ({ epoch, loss, valLoss, baseLoss })),
    ],
    words: {
      title: words.chartTitle(name),
      subtitle: words.chartSubtitle(
        baseName,
        String(Number(outcome.epochs.toFixed(1))),
        ui(locale).duration(outcome.seconds),
      ),
      epoch: words.axisEpoch,
      loss: words.axisLoss,
      ...words.curves,
    },
  });
  const changes = lossFields(view, outcome).map(({ label, value }) => `${label} ${value}`);
  return { name: `training-${id}.png`, bytes, alt: words.chartAlt(name, changes.join(', ')) };
}

/** The losses of the model that was gone on from. What a new network would guess is far above all that follows. */
function beginning({ baseName, outcome }: JobView): ChartPoint[] {
  if (baseName === null || !outcome?.losses) return [];
  const { newText, base } = outcome.losses;
  return [{ epoch: 0, loss: null, valLoss: newText.before, baseLoss: base?.before ?? null }];
}
