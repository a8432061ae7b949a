/** What the chats demand of names and descriptions, so that a definition which they would refuse fails here. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCommands } from '../../src/commands/index.ts';
import { validateOptions } from '../../src/commands/validate.ts';

const commands = createCommands({ maxLength: 1000, maxTrainingBytes: 1e6 });
const DISCORD_NAME = /^[-_'\p{L}\p{N}]{1,32}$/u;

for (const command of commands) {
  describe(`/${command.name}`, () => {
    const named = [
      { name: command.name, koreanName: command.koreanName, description: command.description },
      ...Object.entries(command.options).map(([name, option]) => ({ name, ...option })),
    ];

    it('has names and descriptions that Discord and Slack take', () => {
      assert.ok(Object.keys(command.options).length <= 25);
      assert.match(command.name, /^[a-z][a-z-]{0,30}$/);
      for (const { name, koreanName, description } of named) {
        for (const one of [name, koreanName]) {
          assert.match(one, DISCORD_NAME);
          assert.equal(one, one.toLowerCase().normalize('NFC'));
        }
        assert.match(koreanName, /^[가-힣]+$/);
        for (const text of Object.values(description))
          assert.ok(text.length >= 1 && text.length <= 100, text);
      }
    });

    it('has no two options of one name, and one rest option at most', () => {
      const names = Object.entries(command.options).flatMap(([name, { koreanName }]) => [name, koreanName]);
      assert.equal(new Set(names).size, names.length);
      assert.ok(Object.values(command.options).filter((option) => option.rest).length <= 1);
    });

    it('has defaults that it would take', () => {
      for (const [name, option] of Object.entries(command.options)) {
        if (!('default' in option) || option.default === undefined) continue;
        const values = validateOptions(
          { ...command, options: { [name]: option } },
          { [name]: option.default },
        );
        assert.equal(values[name], option.default);
      }
    });
  });
}

it('no two commands share a name', () => {
  const names = commands.flatMap(({ name, koreanName }) => [name, koreanName]);
  assert.equal(new Set(names).size, names.length);
});
