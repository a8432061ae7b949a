/** The commands. A new one is a file and a line here. */
import { ballad } from './ballad.ts';
import { cancel } from './cancel.ts';
import type { Command, Limits } from './command.ts';
import { help } from './help.ts';
import { importModel } from './import-model.ts';
import { model } from './model.ts';
import { models } from './models.ts';
import { pause } from './pause.ts';
import { privacy } from './privacy.ts';
import { resume } from './resume.ts';
import { rollback } from './rollback.ts';
import { settings } from './settings.ts';
import { settle } from './settle.ts';
import { status } from './status.ts';
import { train } from './train.ts';

export const createCommands = (limits: Limits): readonly Command[] => [
  ballad(limits),
  models,
  train(limits),
  cancel,
  pause,
  resume,
  settle,
  rollback,
  model,
  importModel,
  settings,
  privacy,
  status,
  help,
];
