/** Who gives commands has other options than who runs a script. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ROOT } from '../../src/paths.ts';
import { chatErrors } from '../../src/strings/chat-errors.ts';
import { checkpointErrors } from '../../src/strings/checkpoint-errors.ts';
import { engineErrors } from '../../src/strings/engine-errors.ts';
import { jobErrors } from '../../src/strings/job-errors.ts';
import { libraryErrors } from '../../src/strings/library-errors.ts';
import { trainingErrors } from '../../src/strings/training-errors.ts';

/** What commands and the trainings that they order run through. */
const ROOMS = ['commands', 'engine', 'model', 'platforms', 'sampling', 'store', 'training'];
/** Trainings of the bot begin anew where there is nothing to go on from. */
const NEVER_IN_CHAT = ['resumeNothing'];

interface Words {
  readonly ko: unknown;
  readonly en: unknown;
}
const messages: Readonly<Record<string, Words & { readonly chat?: Words }>> = {
  ...chatErrors,
  ...checkpointErrors,
  ...engineErrors,
  ...jobErrors,
  ...libraryErrors,
  ...trainingErrors,
};

/** Codes of the errors that a room throws. */
function thrownIn(room: string): string[] {
  const folder = path.join(ROOT, 'src', room);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return files.flatMap((file) =>
    [...readFileSync(path.join(folder, file), 'utf8').matchAll(/new UserError\(\s*'(\w+)'/g)].map(
      ([, code]) => code!,
    ),
  );
}

/** An option of ours, not one of another program's that is to be typed. */
const namesFlag = ({ ko, en }: Words): boolean =>
  [ko, en].some((words) =>
    / --[a-z]|`--[a-z]|seq-length|batch-size/.test(String(words).replace(/(npm|slack-manifest) [^`']*/g, '')),
  );

test('no error that reaches a chat names an option of a script', () => {
  const codes = new Set(ROOMS.flatMap(thrownIn));
  assert.ok(codes.has('trainingExploded') && codes.has('textTooSmall'));
  const flagging = [...codes].filter(
    (code) => messages[code] && namesFlag(messages[code].chat ?? messages[code]),
  );
  assert.deepEqual(flagging, NEVER_IN_CHAT);
});

test('scripts are told of theirs', () => {
  for (const code of ['trainingExploded', 'textTooSmall', 'trainingMemory', 'trainingCrashed']) {
    assert.ok(namesFlag(messages[code]!), code);
  }
});
