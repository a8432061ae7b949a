/** `/status`: how the bot is, and what it is doing. */
import { engineDetails } from '../strings/engine.ts';
import { ui } from '../strings/ui.ts';
import { defineCommand } from './command.ts';

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
              details: [
                training ? `${training.name} ${Math.floor(100 * training.progress.fraction)}%` : words.none,
              ],
            },
          ],
        },
      ],
    });
  },
});
