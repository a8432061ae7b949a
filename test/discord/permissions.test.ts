/** Admin commands on Discord: who may, in every combination. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canPost, isAdmin } from '../../src/platforms/discord-permissions.ts';
import { ADMIN_ROLE, startTestBot, until } from './bot.ts';
import { addCommands, secret } from './commands-for-tests.ts';
import { PERMISSIONS, type Person, slash } from './people.ts';
import { snowflake } from './snowflake.ts';

const { administrator, manageGuild, sendMessages } = PERMISSIONS;
const OTHER_ROLE = '444444444444444444';

describe('admin commands on Discord', () => {
  it('run for members with Manage Server or an admin role, in a guild, and for nobody else', async (t) => {
    const { server, ...bot } = await startTestBot(t);
    const counter = secret();
    addCommands(bot, counter.command);
    const strange = snowflake();
    const people: [Person, boolean][] = [
      [{}, false],
      [{ permissions: sendMessages }, false],
      [{ permissions: ~(manageGuild | administrator) & 0xffffffffffn }, false],
      [{ permissions: manageGuild }, true],
      [{ permissions: administrator }, true],
      [{ permissions: manageGuild, roles: [OTHER_ROLE] }, true],
      [{ roles: [OTHER_ROLE] }, false],
      [{ roles: [server.guild] }, false],
      [{ permissions: manageGuild, guild: strange }, true],
      [{ roles: [ADMIN_ROLE], guild: strange }, true],
      [{ guild: strange }, false],
      [{ isDirect: true }, false],
      [{ isDirect: true, permissions: manageGuild, roles: [ADMIN_ROLE] }, false],
    ];
    for (const [person, may] of people) {
      const before = counter.runs;
      const one = slash(server, 'secret', {}, { ...person, locale: 'en-US' });
      await until(() => one.answers.length > 0, 'an answer');
      const what = JSON.stringify(person, (_, value) => (typeof value === 'bigint' ? String(value) : value));
      assert.equal(counter.runs - before, may ? 1 : 0, what);
      if (!may) {
        assert.match(one.text, /for admins/, what);
        assert.ok(
          one.answers.every(({ isPrivate }) => isPrivate),
          what,
        );
      }
    }
  });

  it('are all checked: each of them refuses a member without rights', async (t) => {
    const { server, services } = await startTestBot(t);
    const admins = services.commands.filter(({ admin }) => admin);
    assert.ok(admins.length >= 3);
    for (const { name } of admins) {
      const file = server.upload('노래.txt', Buffer.from('사랑 '.repeat(500)));
      const one = slash(server, name, name === 'train' ? { file } : {}, { locale: 'en-US' });
      await until(() => one.answers.length > 0, name);
      assert.match(one.text, /for admins/);
    }
    assert.equal(services.training.current, undefined);
    assert.equal(server.requests.filter((path) => path.includes('attachments')).length, 0);
  });
});

describe('isAdmin and canPost', () => {
  it('are closed where something is not known', () => {
    assert.equal(isAdmin(undefined, [ADMIN_ROLE]), false);
    assert.equal(isAdmin({ permissions: undefined, roles: [ADMIN_ROLE] }, [ADMIN_ROLE]), false);
    assert.equal(isAdmin({ permissions: 0n, roles: [ADMIN_ROLE] }, []), false);
    assert.equal(isAdmin({ permissions: 0n, roles: [ADMIN_ROLE] }, [ADMIN_ROLE]), true);
    assert.equal(isAdmin({ permissions: manageGuild, roles: [] }, []), true);
    const { viewChannel, embedLinks } = PERMISSIONS;
    const all = viewChannel | sendMessages | embedLinks;
    assert.equal(canPost(all, false), true);
    assert.equal(canPost(all, true), false, 'threads have a permission of their own');
    assert.equal(canPost(administrator, true), true);
    for (const permission of [viewChannel, sendMessages, embedLinks]) {
      assert.equal(canPost(all & ~permission, false), false);
    }
  });
});
