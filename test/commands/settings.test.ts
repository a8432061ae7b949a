/** What a place's admins choose for it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Action } from '../../src/commands/message.ts';
import { Settings } from '../../src/store/settings.ts';
import { writeCheckpoint } from '../support/checkpoint.ts';
import { request } from '../support/platform.ts';
import { createTestServices } from '../support/services.ts';

describe('/settings', () => {
  it('chooses model and language for a place alone, until taken back', async (t) => {
    const { folder, dispatcher, services } = await createTestServices(t);
    await writeCheckpoint(folder, 'blue', { rnnSize: 16 });
    const admin = (options: Action['options'], more = {}) =>
      request('settings', options, { isAdmin: () => true, ...more });
    const fieldsOf = (one: ReturnType<typeof request>) =>
      one.reply.finished[0]!.fields!.map(({ value }) => value);
    const modelHere = async (place?: string) => {
      const more = place ? { place: { platform: 'test', id: place } } : {};
      const one = request('ballad', { length: 20 }, more);
      await dispatcher.dispatch(one);
      return one.reply.finished[0]!.fields![0];
    };
    const first = admin({ model: 'blue', language: 'en' });
    assert.equal(await dispatcher.dispatch(first), 'answered', first.reply.failures[0]);
    assert.deepEqual(fieldsOf(first), ['blue', 'English']);
    assert.deepEqual(await modelHere(), { label: 'model', value: 'blue' });
    assert.deepEqual(await modelHere('elsewhere'), { label: '모델', value: 'ballad' });

    const reopened = await Settings.open(path.join(folder, 'settings.json'));
    assert.deepEqual(reopened.of({ platform: 'test', id: 'somewhere' }), { model: 'blue', locale: 'en' });

    const back = admin({ model: 'none', language: 'auto' });
    await dispatcher.dispatch(back);
    assert.deepEqual(services.settings.of({ platform: 'test', id: 'somewhere' }).model, undefined);
    assert.deepEqual(await modelHere(), { label: '모델', value: 'ballad' });
  });

  it('changes what it is given alone, whatever else is chosen meanwhile', async (t) => {
    const { folder, dispatcher, services } = await createTestServices(t);
    await writeCheckpoint(folder, 'blue', { rnnSize: 16 });
    const here = { platform: 'test', id: 'somewhere' };
    // As a training does that is published.
    const chosen = services.settings.change(here, (now) => ({ ...now, model: 'blue' }));
    await dispatcher.dispatch(request('settings', { language: 'en' }, { isAdmin: () => true }));
    await chosen;
    assert.deepEqual(services.settings.of(here), { model: 'blue', locale: 'en' });
  });

  it('is for admins, and takes no model that is not there', async (t) => {
    const { dispatcher } = await createTestServices(t);
    assert.equal(await dispatcher.dispatch(request('settings', { language: 'en' })), 'refused');
    const one = request('settings', { model: 'nothing' }, { isAdmin: () => true });
    assert.equal(await dispatcher.dispatch(one), 'refused');
  });

  it('answers errors in the person’s language all the same', async (t) => {
    const { dispatcher } = await createTestServices(t);
    await dispatcher.dispatch(request('settings', { language: 'en' }, { isAdmin: () => true }));
    const one = request('ballad', { length: 5 });
    assert.equal(await dispatcher.dispatch(one), 'refused');
    assert.match(one.reply.failures[0]!, /쓸 수 없는/);
  });
});
