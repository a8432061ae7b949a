/**
 * What a `UserError` about texts and trainings says, Korean and English; `chat` to those who give commands, where the rest
 * names options of the command line.
 */

export const trainingErrors = {
  dataEmpty: {
    ko: (f: { file: string }) => `${f.file}: 글이 없습니다. 가사가 든 텍스트 파일을 주십시오.`,
    en: (f: { file: string }) => `${f.file}: there is no text in it; give a text file with lyrics`,
  },
  dataTooSmall: {
    ko: (f: { file: string; characters: number; needed: number }) =>
      `${f.file}: 글이 너무 짧습니다. ${f.characters}자인데 ${f.needed}자 이상이어야 합니다. 글을 더하거나 seq-length를 줄이십시오.`,
    en: (f: { file: string; characters: number; needed: number }) =>
      `${f.file}: the text is too small: ${f.characters} characters where ${f.needed} are needed; add text, or lower seq-length`,
    chat: {
      ko: (f: { file: string; characters: number; needed: number }) =>
        `${f.file}: 글이 너무 짧습니다. ${f.characters}자인데 ${f.needed}자 이상이어야 합니다. 글을 더하십시오.`,
      en: (f: { file: string; characters: number; needed: number }) =>
        `${f.file}: the text is too small: ${f.characters} characters where ${f.needed} are needed; add text`,
    },
  },
  dataTooLarge: {
    ko: (f: { file: string; bytes: number; limit: number }) =>
      `${f.file}: 파일이 너무 큽니다. ${f.bytes}바이트인데 ${f.limit}바이트까지 됩니다. 파일을 나누거나 설정에서 한도를 높이십시오.`,
    en: (f: { file: string; bytes: number; limit: number }) =>
      `${f.file}: the file is too large: ${f.bytes} bytes where ${f.limit} are allowed; split it, or raise the limit in the configuration`,
  },
  dataBinary: {
    ko: (f: { file: string }) =>
      `${f.file}: 텍스트 파일이 아닙니다. 문서라면 텍스트(.txt, UTF-8)로 저장해서 주십시오.`,
    en: (f: { file: string }) =>
      `${f.file}: not a text file; if it is a document, save it as plain text (.txt, UTF-8)`,
  },
  dataNoLetters: {
    ko: (f: { file: string }) =>
      `${f.file}: 글자가 없습니다. 주소, 언급, 그림 문자, 숫자만으로는 배울 수 없습니다. 가사를 주십시오.`,
    en: (f: { file: string }) =>
      `${f.file}: there are no letters in it, only addresses, mentions, emoji or numbers; give lyrics`,
  },
  dataLineTooLong: {
    ko: (f: { file: string; line: number; most: number }) =>
      `${f.file}: ${f.line}번째 줄이 ${f.most}자보다 깁니다. 가사는 줄로 나뉘어 있어야 합니다.`,
    en: (f: { file: string; line: number; most: number }) =>
      `${f.file}: line ${f.line} has more than ${f.most} characters; lyrics must come in lines`,
  },
  yardstickMissing: {
    ko: (f: { file: string; url: string }) =>
      `${f.file}이(가) 없습니다. ${f.url}에서 받아 그 자리에 두거나 --data로 파일을 주십시오.`,
    en: (f: { file: string; url: string }) =>
      `${f.file} does not exist; fetch it from ${f.url}, or name the file by --data`,
  },
  replayForeign: {
    ko: (f: { file: string }) =>
      `${f.file}: 이 네트워크가 배운 글이 아닙니다. 모르는 문자가 없는 노래가 하나도 없습니다. 바탕 글을 바꾸거나 빼십시오.`,
    en: (f: { file: string }) =>
      `${f.file}: not what the network learnt from: no song of it is without unknown characters; give another base text, or none`,
  },
  dataUndecodable: {
    ko: (f: { file: string }) =>
      `${f.file}: 문자 인코딩을 알 수 없습니다. UTF-8(또는 UTF-16, CP949)로 저장해서 주십시오.`,
    en: (f: { file: string }) =>
      `${f.file}: the character encoding is not known; save it as UTF-8 (or UTF-16, CP949)`,
  },
  textTooSmall: {
    ko: (f: { characters: number; needed: number; seqLength: number }) =>
      `글이 너무 짧습니다: ${f.characters}자인데 ${f.needed}자 이상이어야 합니다(seq-length ${f.seqLength}). 글을 더하거나 --seq-length 또는 --batch-size를 줄이십시오.`,
    en: (f: { characters: number; needed: number; seqLength: number }) =>
      `the text is too small: ${f.characters} characters where ${f.needed} are needed (seq-length ${f.seqLength}); add text, or lower --seq-length or --batch-size`,
    chat: {
      ko: (f: { characters: number; needed: number }) =>
        `글이 너무 짧습니다: ${f.characters}자인데 ${f.needed}자 이상이어야 합니다. 글을 더하십시오.`,
      en: (f: { characters: number; needed: number }) =>
        `the text is too small: ${f.characters} characters where ${f.needed} are needed; add text`,
    },
  },
  flagValue: {
    ko: (f: { option: string; value: string; expected: string }) =>
      `${f.option} ${f.value}: 쓸 수 없는 값입니다. 가능한 값: ${f.expected}`,
    en: (f: { option: string; value: string; expected: string }) =>
      `${f.option} ${f.value} cannot be used; allowed: ${f.expected}`,
  },
  flagUnknown: {
    ko: (f: { option: string; allowed: string }) =>
      `${f.option}은(는) 없는 옵션입니다. 가능한 옵션: ${f.allowed}`,
    en: (f: { option: string; allowed: string }) => `there is no option ${f.option}; allowed: ${f.allowed}`,
  },
  flagWithoutValue: {
    ko: (f: { option: string }) => `${f.option} 뒤에 값을 쓰십시오.`,
    en: (f: { option: string }) => `${f.option} needs a value after it`,
  },
  argumentUnexpected: {
    ko: (f: { argument: string }) =>
      `"${f.argument}"은(는) 옵션이 아닙니다. 옵션은 --로 시작하며, 띄어쓰기가 있는 값은 따옴표로 묶으십시오.`,
    en: (f: { argument: string }) =>
      `"${f.argument}" is not an option; options start with --, and a value with spaces needs quotes`,
  },
  partEmpty: {
    ko: (f: { part: string }) =>
      `${f.part} 부분에 글자가 없습니다. --part로 다른 부분을 고르거나 --train-frac과 --val-frac을 바꾸십시오.`,
    en: (f: { part: string }) =>
      `the ${f.part} part holds no characters; choose another --part, or change --train-frac and --val-frac`,
  },
  initFromNetwork: {
    ko: (f: { options: string }) =>
      `--init-from을 쓰면 네트워크의 모양은 그 체크포인트를 따릅니다. ${f.options}을(를) 빼십시오.`,
    en: (f: { options: string }) =>
      `with --init-from the network has the checkpoint's shape; leave out ${f.options}`,
  },
  trainingMemory: {
    ko: (f: { needed: number; limit: number }) =>
      `이 설정으로 학습하려면 메모리가 ${f.needed} MiB 이상 필요한데 ${f.limit} MiB까지 쓸 수 있습니다. --batch-size, --seq-length, --rnn-size 중 하나를 줄이십시오.`,
    en: (f: { needed: number; limit: number }) =>
      `training with these settings takes ${f.needed} MiB of memory or more and ${f.limit} MiB may be used; lower --batch-size, --seq-length or --rnn-size`,
    chat: {
      ko: (f: { needed: number; limit: number }) =>
        `이 모델에서 이어 학습하려면 메모리가 ${f.needed} MiB 이상 필요한데 ${f.limit} MiB까지 쓸 수 있습니다. '바탕'으로 더 작은 모델을 고르십시오.`,
      en: (f: { needed: number; limit: number }) =>
        `going on from this model takes ${f.needed} MiB of memory or more and ${f.limit} MiB may be used; choose a smaller one with the option base`,
    },
  },
  trainingExploded: {
    ko: (f: { step: number; loss: string; learningRate: number }) =>
      `${f.step}번째 단계에서 손실이 ${f.loss}까지 커져 학습을 멈췄습니다. --learning-rate(지금 ${f.learningRate})를 3분의 1로 낮추거나 --grad-clip을 줄여 다시 시작하십시오. 그 전에 저장한 체크포인트는 그대로 있습니다.`,
    en: (f: { step: number; loss: string; learningRate: number }) =>
      `the loss exploded to ${f.loss} at step ${f.step} and training was stopped; start again with a third of --learning-rate ${f.learningRate} or a smaller --grad-clip (the checkpoint saved before is untouched)`,
    chat: {
      ko: (f: { step: number; loss: string }) =>
        `${f.step}번째 단계에서 손실이 ${f.loss}까지 커져 학습을 멈췄습니다. /학습으로 다시 하되 '시드'를 바꾸거나 '바탕'으로 다른 모델을 고르십시오. 지금 있는 모델은 그대로입니다.`,
      en: (f: { step: number; loss: string }) =>
        `the loss exploded to ${f.loss} at step ${f.step} and training was stopped; /train again with another seed, or another model as base (the models that there are stay as they were)`,
    },
  },
  trainingCrashed: {
    ko: (f: { reason: string }) =>
      `학습 프로세스가 갑자기 끝났습니다(${f.reason}). 메모리가 모자라면 --batch-size나 --rnn-size를 줄이십시오. 저장된 곳에서 이어서 학습할 수 있습니다.`,
    en: (f: { reason: string }) =>
      `the training process ended unexpectedly (${f.reason}); where memory was short, lower --batch-size or --rnn-size; training can be resumed from where it was saved`,
    chat: {
      ko: (f: { reason: string }) =>
        `학습 프로세스가 갑자기 끝났습니다(${f.reason}). 메모리가 모자라면 이 컴퓨터의 다른 일을 줄이거나 '바탕'으로 더 작은 모델을 고르십시오. /재개로 저장된 곳에서 이어서 학습합니다.`,
      en: (f: { reason: string }) =>
        `the training process ended unexpectedly (${f.reason}); where memory was short, let less else run on this machine or choose a smaller model as base; /resume goes on from where it was saved`,
    },
  },
  resumeNothing: {
    ko: (f: { file: string }) =>
      `이어서 학습할 것이 없습니다(${f.file}이(가) 없음). --checkpoint-dir과 --savefile을 확인하거나 --resume 없이 시작하십시오.`,
    en: (f: { file: string }) =>
      `there is nothing to resume (no ${f.file}); check --checkpoint-dir and --savefile, or start without --resume`,
  },
  resumeSettings: {
    ko: (f: { changes: string }) =>
      `설정이 바뀌어 이어서 학습할 수 없습니다: ${f.changes}. 처음 설정 그대로 --resume 하거나, 이 설정으로 새로 시작하려면 --resume을 빼십시오.`,
    en: (f: { changes: string }) =>
      `the settings have changed, training cannot be resumed: ${f.changes}; resume with the first settings, or leave out --resume to start anew with these`,
    chat: {
      ko: () => '봇의 새 버전은 설정이 달라 이어서 학습할 수 없습니다. /학습으로 새로 시작하십시오.',
      en: () =>
        'this version of the bot has other settings, so training cannot be gone on with; begin anew with /train',
    },
  },
  resumeData: {
    ko: (f: { file: string }) =>
      `${f.file}의 내용이 바뀌어 이어서 학습할 수 없습니다. 원래 파일을 되돌리거나, 새 내용으로 학습하려면 --resume 대신 --init-from을 쓰십시오.`,
    en: (f: { file: string }) =>
      `the text in ${f.file} has changed, training cannot be resumed; put the first text back, or go on with the new one by --init-from instead of --resume`,
    chat: {
      ko: (f: { file: string }) =>
        `${f.file}의 내용이 바뀌어 이어서 학습할 수 없습니다. /학습으로 새로 시작하십시오.`,
      en: (f: { file: string }) =>
        `the text in ${f.file} has changed, training cannot be gone on with; begin anew with /train`,
    },
  },
};
