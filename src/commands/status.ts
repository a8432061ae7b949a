/** `/status`: how the bot is, and what it is doing. */
import { isOwnersPlace, samePlace } from '../store/places.ts';
import { engineDetails } from '../strings/engine.ts';
import { ui } from '../strings/ui.ts';
import type { JobView } from '../training/jobs-api.ts';
import { defineCommand, type Place } from './command.ts';

export const status = defineCommand({
  name: 'status',
  koreanName: '상태',
  description: { ko: '무엇을 하고 있는지 보여 줍니다', en: 'Shows what the bot is doing' },
  admin: false,
  private: true,
  options: {},

  async run({ services, place, reply, locale }) {
    const words = ui(locale);
    const [loaded, ownLoaded] = await Promise.all([services.models.loaded(), services.models.loaded(place)]);
    const running = loaded.reduce((sum, { sampler }) => sum + sampler.running, 0);
    const waiting = loaded.reduce((sum, { sampler }) => sum + sampler.waiting, 0);
    const training = services.training.current;
    await reply.finish({
      blocks: [
        {
          kind: 'list',
          items: [
            { title: words.uptime, details: [words.duration((Date.now() - services.startedAt) / 1000)] },
            { title: words.memory, details: [words.megabytes(process.memoryUsage.rss())] },
            {
              title: words.loadedModels,
              details: [ownLoaded.map(({ name }) => name).join(', ') || words.none],
            },
            { title: words.engine, details: engineDetails(locale, await services.engine()) },
            { title: words.lyrics, details: [words.runningAndWaiting(running, waiting)] },
            {
              title: words.trainingNow,
              details: [training ? describeTraining(training, place) : words.none],
            },
          ],
        },
      ],
    });
  },
});

/** Of another place's, only that there is one. */
function describeTraining({ name, place, progress }: JobView, here: Place): string {
  const percent = `${Math.floor(100 * progress.fraction)}%`;
  return samePlace(place, here) || isOwnersPlace(here) ? `${name} ${percent}` : percent;
}
