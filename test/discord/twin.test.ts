/** The same on somebody else's Discord: `discord-digital-twin`, which checks less and was not written by us. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCommands } from '../../src/commands/index.ts';
import { Discord, registerCommands } from '../../src/platforms/discord.ts';
import { createTestServices } from '../support/services.ts';

const PATIENCE = { timeout: 15_000 };
/** ChannelType.GuildText */
const TEXT_CHANNEL = 0;

// Without its database, whose native part a light install leaves out, it leaves a rejection to nobody.
const twin = await import('libsql')
  .then(() => import('discord-digital-twin'))
  .catch((error: unknown) => {
    console.log(`discord-digital-twin cannot be used here: ${error}`);
  });

describe('on discord-digital-twin', { skip: twin ? false : 'it is not installed, or does not load' }, () => {
  it('registers, answers a command, and its buttons', async (t) => {
    const { DigitalDiscord } = twin!;
    const discord = new DigitalDiscord({
      channels: [{ name: 'songs', type: TEXT_CHANNEL }],
      users: [{ username: 'singer' }],
    });
    await discord.start();
    const { services, dispatcher, log } = await createTestServices(t);
    const options = {
      token: discord.botToken,
      adminRoles: [],
      apiUrl: discord.restUrl,
      shards: 'auto' as const,
    };
    const bot = new Discord(options);
    t.after(async () => {
      await bot.stop();
      await discord.stop();
    });
    await bot.start({ dispatcher, services, log, leave: (code) => assert.fail(`left with ${code}`) });

    const commands = createCommands(services.limits);
    const place = { applicationId: undefined, guildId: discord.guildId };
    assert.equal(await registerCommands(commands, { ...options, ...place }), true);

    const { id: channel } = (await discord.prisma.channel.findFirst())!;
    const user = (await discord.getFirstNonBotUserId())!;
    const singer = discord.channel(channel).user(user);
    const command = await singer.runSlashCommand({
      name: 'ballad',
      options: [
        { name: 'prime_text', type: 3, value: '사랑은 '.repeat(40) },
        { name: 'length', type: 4, value: 30 },
      ],
    });
    const ack = await discord
      .channel(channel)
      .waitForInteractionAck({ interactionId: command.id, ...PATIENCE });
    assert.equal(ack.type, 5);
    const lyric = await discord.channel(channel).waitForMessage({
      ...PATIENCE,
      predicate: ({ embeds, components }) => embeds.length > 0 && (components?.length ?? 0) > 0,
    });
    assert.match(lyric.embeds[0]!.description!, /^사랑은/);

    const [row] = lyric.components as unknown as { components: { custom_id: string; label: string }[] }[];
    const again = row!.components.find(({ label }) => /다시|Again/.test(label))!;
    await singer.clickButton({ messageId: lyric.id, customId: again.custom_id });
    // The twin takes every answer to a button for a change of the message below which it stood.
    await discord.channel(channel).waitForMessage({
      ...PATIENCE,
      predicate: ({ embeds: [embed] }) =>
        embed !== undefined && embed.description !== lyric.embeds[0]!.description,
    });
  });
});
