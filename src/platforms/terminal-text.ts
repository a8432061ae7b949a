/** Messages as lines of text: the answer, and what is said beside it. Lyrics are printed as they come, elsewhere. */
import type { Field, Message } from '../commands/message.ts';

const BAR_WIDTH = 20;

/** What was asked for: prose and lists. */
export function answerLines({ blocks }: Message): string[] {
  return blocks.flatMap((block) => {
    if (block.kind === 'text') return [block.text];
    if (block.kind === 'list') {
      return block.items.flatMap(({ title, details }) => [title, ...details.map((detail) => `  ${detail}`)]);
    }
    return [];
  });
}

/** Notes, then facts in one line. Buttons are left out: in a terminal one types. */
export function remarkLines({ blocks, fields = [] }: Message): string[] {
  const notes = blocks.flatMap((block) => {
    if (block.kind === 'note') return [block.text];
    return block.kind === 'bar' ? [bar(block.fraction)] : [];
  });
  const facts = fields.length > 0 ? [factLine(fields)] : [];
  return [...notes, ...facts];
}

const factLine = (fields: readonly Field[]): string =>
  fields.map(({ label, value }) => `${label} ${value}`).join(' · ');

function bar(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * BAR_WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${Math.floor(fraction * 100)}%`;
}
