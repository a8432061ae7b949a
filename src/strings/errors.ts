/**
 * What a `UserError` says, Korean and English. Each message says what is wrong and what to do.
 * The English text is the error's `message`. Keys are grouped by the room that throws them.
 */
import type { Localized } from './index.ts';
import { jobErrors } from './job-errors.ts';

/** What a model is needed for. */
type ModelUse = 'default' | 'configured' | 'elsewhere' | 'training';

const inMegabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

type Message = {
  readonly ko: (facts: never) => string;
  readonly en: (facts: never) => string;
};

const messages = {
  // model
  networkField: {
    ko: (f: { field: string; value: string; expected: string }) =>
      `네트워크 설정 ${f.field}=${f.value}은(는) 쓸 수 없습니다. 가능한 값: ${f.expected}`,
    en: (f: { field: string; value: string; expected: string }) =>
      `network setting ${f.field}=${f.value} cannot be used; expected ${f.expected}`,
  },
  vocabularyEntry: {
    ko: (f: { file: string; index: number; entry: string }) =>
      `${f.file}: 문자 목록의 ${f.index}번 항목(${f.entry})이 올바르지 않습니다. 파일이 손상되었거나 다른 프로그램이 만든 파일입니다. 다른 체크포인트를 쓰십시오.`,
    en: (f: { file: string; index: number; entry: string }) =>
      `${f.file}: entry ${f.index} of the vocabulary (${f.entry}) is not valid; the file is damaged or foreign, use another checkpoint`,
  },
  notSafetensors: {
    ko: (f: { file: string }) =>
      `${f.file}: safetensors 파일이 아니거나 머리 부분이 손상되었습니다. 체크포인트 파일(.safetensors)을 지정하십시오.`,
    en: (f: { file: string }) =>
      `${f.file}: not a safetensors file, or its header is damaged; name a checkpoint (.safetensors)`,
  },
  fileLength: {
    ko: (f: { file: string; actual: number; expected: string }) =>
      `${f.file}: 파일 길이가 ${f.actual}바이트인데 ${f.expected}바이트여야 합니다. 파일이 잘렸으니 다시 복사하십시오.`,
    en: (f: { file: string; actual: number; expected: string }) =>
      `${f.file}: the file has ${f.actual} bytes where its header says ${f.expected}; it is cut off or damaged, copy it again`,
  },
  fileChecksum: {
    ko: (f: { file: string }) =>
      `${f.file}: 내용이 검사값(sha256)과 다릅니다. 파일이 손상되었으니 다시 복사하십시오. 다른 프로그램으로 고친 파일이라면 메타데이터에서 sha256을 지우십시오.`,
    en: (f: { file: string }) =>
      `${f.file}: the content differs from its sha256; the file is damaged, copy it again (if another program changed it on purpose, drop sha256 from its metadata)`,
  },
  headerField: {
    ko: (f: { file: string; field: string }) =>
      `${f.file}: 머리 부분의 ${f.field} 값이 없거나 올바르지 않습니다. 파일이 손상되었거나 다른 프로그램이 만든 파일입니다. 다른 체크포인트를 쓰십시오.`,
    en: (f: { file: string; field: string }) =>
      `${f.file}: ${f.field} in the header is missing or not valid; the file is damaged or foreign, use another checkpoint`,
  },
  checkpointFormat: {
    ko: (f: { file: string; expected: string }) =>
      `${f.file}: 이 프로그램의 체크포인트(format=${f.expected})가 아닙니다. 다른 파일을 지정하십시오.`,
    en: (f: { file: string; expected: string }) =>
      `${f.file}: not a checkpoint of this program (format=${f.expected}); name another file`,
  },
  tensorMissing: {
    ko: (f: { file: string; tensor: string }) =>
      `${f.file}: 텐서 ${f.tensor}이(가) 없습니다. 파일이 손상되었거나 다른 네트워크의 파일입니다. 다른 체크포인트를 쓰십시오.`,
    en: (f: { file: string; tensor: string }) =>
      `${f.file}: tensor ${f.tensor} is missing; the file is damaged or of another network, use another checkpoint`,
  },
  tensorUnexpected: {
    ko: (f: { file: string; tensor: string }) =>
      `${f.file}: 네트워크에 없는 텐서 ${f.tensor}이(가) 있습니다. 파일이 손상되었거나 다른 네트워크의 파일입니다. 다른 체크포인트를 쓰십시오.`,
    en: (f: { file: string; tensor: string }) =>
      `${f.file}: tensor ${f.tensor} is not part of the network; the file is damaged or of another network, use another checkpoint`,
  },
  tensorShape: {
    ko: (f: { file: string; tensor: string; actual: string; expected: string }) =>
      `${f.file}: 텐서 ${f.tensor}의 모양이 ${f.actual}인데 ${f.expected}이어야 합니다. 다른 체크포인트를 쓰십시오.`,
    en: (f: { file: string; tensor: string; actual: string; expected: string }) =>
      `${f.file}: tensor ${f.tensor} has shape ${f.actual} where the network says ${f.expected}; use another checkpoint`,
  },
  tensorNotFinite: {
    ko: (f: { file: string; tensor: string }) =>
      `${f.file}: 텐서 ${f.tensor}에 NaN 또는 무한대가 있습니다. 파일이 손상되었거나 학습이 실패한 결과입니다. 이전 체크포인트를 쓰십시오.`,
    en: (f: { file: string; tensor: string }) =>
      `${f.file}: tensor ${f.tensor} holds NaN or infinity; the file is damaged or its training failed, use an earlier checkpoint`,
  },
  checkpointTied: {
    ko: (f: { file: string }) =>
      `${f.file}: 가중치를 공유하는(tied) 네트워크인데 output.weight가 embedding.weight와 다릅니다. 다른 체크포인트를 쓰십시오.`,
    en: (f: { file: string }) =>
      `${f.file}: the network is tied but output.weight differs from embedding.weight; use another checkpoint`,
  },
  valueNotStorable: {
    ko: (f: { tensor: string; value: string; dtype: string }) =>
      `텐서 ${f.tensor}의 값 ${f.value}은(는) ${f.dtype} 체크포인트에 저장할 수 없습니다. 학습률을 낮추어 다시 학습하거나 float32로 저장하십시오.`,
    en: (f: { tensor: string; value: string; dtype: string }) =>
      `tensor ${f.tensor} holds ${f.value}, which a ${f.dtype} checkpoint cannot store; train with a lower learning rate, or save as float32`,
  },
  // store
  diskFull: {
    ko: (f: { file: string }) =>
      `디스크가 가득 차서 ${f.file}을(를) 저장하지 못했습니다. 공간을 비우고 다시 하십시오. 이전 파일은 그대로 있습니다.`,
    en: (f: { file: string }) =>
      `the disk is full, ${f.file} was not saved; free some space and try again (an earlier file there is untouched)`,
  },
  folderNotWritable: {
    ko: (f: { file: string; folder: string }) =>
      `폴더 ${f.folder}에 쓸 수 없어 ${f.file}을(를) 저장하지 못했습니다. 쓰기 권한을 주거나 다른 폴더를 지정하십시오.`,
    en: (f: { file: string; folder: string }) =>
      `the folder ${f.folder} cannot be written to, ${f.file} was not saved; give write permission or name another folder`,
  },
  folderMissing: {
    ko: (f: { file: string; folder: string }) =>
      `폴더 ${f.folder}이(가) 없어 ${f.file}을(를) 저장하지 못했습니다. 폴더를 만들거나 다른 폴더를 지정하십시오.`,
    en: (f: { file: string; folder: string }) =>
      `the folder ${f.folder} does not exist, ${f.file} was not saved; create it or name another folder`,
  },
  notAFolder: {
    ko: (f: { folder: string }) => `${f.folder}은(는) 폴더가 아니라 파일입니다. 다른 폴더를 지정하십시오.`,
    en: (f: { folder: string }) => `${f.folder} is a file where a folder should be; name another folder`,
  },
  fileMissing: {
    ko: (f: { file: string }) => `${f.file} 파일이 없습니다. 경로를 확인하십시오.`,
    en: (f: { file: string }) => `the file ${f.file} does not exist; check the path`,
  },
  fileNotReadable: {
    ko: (f: { file: string }) => `${f.file}을(를) 읽을 권한이 없습니다. 읽기 권한을 주십시오.`,
    en: (f: { file: string }) => `the file ${f.file} cannot be read; give read permission`,
  },
  notAFile: {
    ko: (f: { file: string }) => `${f.file}은(는) 파일이 아닙니다. 파일 경로를 지정하십시오.`,
    en: (f: { file: string }) => `${f.file} is not a file; name a file`,
  },
  // training: data
  dataEmpty: {
    ko: (f: { file: string }) => `${f.file}: 글이 없습니다. 가사가 든 텍스트 파일을 주십시오.`,
    en: (f: { file: string }) => `${f.file}: there is no text in it; give a text file with lyrics`,
  },
  dataTooSmall: {
    ko: (f: { file: string; characters: number; needed: number }) =>
      `${f.file}: 글이 너무 짧습니다. ${f.characters}자인데 ${f.needed}자 이상이어야 합니다. 글을 더하거나 seq-length를 줄이십시오.`,
    en: (f: { file: string; characters: number; needed: number }) =>
      `${f.file}: the text is too small: ${f.characters} characters where ${f.needed} are needed; add text, or lower seq-length`,
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
  },
  // training
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
  },
  trainingExploded: {
    ko: (f: { step: number; loss: string; learningRate: number }) =>
      `${f.step}번째 단계에서 손실이 ${f.loss}까지 커져 학습을 멈췄습니다. --learning-rate(지금 ${f.learningRate})를 3분의 1로 낮추거나 --grad-clip을 줄여 다시 시작하십시오. 그 전에 저장한 체크포인트는 그대로 있습니다.`,
    en: (f: { step: number; loss: string; learningRate: number }) =>
      `the loss exploded to ${f.loss} at step ${f.step} and training was stopped; start again with a third of --learning-rate ${f.learningRate} or a smaller --grad-clip (the checkpoint saved before is untouched)`,
  },
  trainingCrashed: {
    ko: (f: { reason: string }) =>
      `학습 프로세스가 갑자기 끝났습니다(${f.reason}). 메모리가 모자라면 --batch-size나 --rnn-size를 줄이십시오. 저장된 곳에서 이어서 학습할 수 있습니다.`,
    en: (f: { reason: string }) =>
      `the training process ended unexpectedly (${f.reason}); where memory was short, lower --batch-size or --rnn-size; training can be resumed from where it was saved`,
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
  },
  resumeData: {
    ko: (f: { file: string }) =>
      `${f.file}의 내용이 바뀌어 이어서 학습할 수 없습니다. 원래 파일을 되돌리거나, 새 내용으로 학습하려면 --resume 대신 --init-from을 쓰십시오.`,
    en: (f: { file: string }) =>
      `the text in ${f.file} has changed, training cannot be resumed; put the first text back, or go on with the new one by --init-from instead of --resume`,
  },
  // sampling
  sampleSetting: {
    ko: (f: { setting: string; value: string; expected: string }) =>
      `${f.setting}=${f.value}: 쓸 수 없는 값입니다. 가능한 값: ${f.expected}`,
    en: (f: { setting: string; value: string; expected: string }) =>
      `${f.setting}=${f.value} cannot be used; allowed: ${f.expected}`,
  },
  primeTextTooLong: {
    ko: (f: { characters: number; most: number }) =>
      `첫 구절이 너무 깁니다. ${f.characters}자인데 ${f.most}자까지 됩니다. 줄여서 다시 하십시오.`,
    en: (f: { characters: number; most: number }) =>
      `the prime text is too long: ${f.characters} characters where ${f.most} are allowed; shorten it`,
  },
  continuationForeign: {
    ko: (_: Record<never, never>) => '이어 쓸 가사가 다른 모델의 것입니다. 새 가사를 시작하십시오.',
    en: (_: Record<never, never>) => 'the lyric to go on with is of another model; start a new one',
  },
  continuationExpired: {
    ko: (_: Record<never, never>) => '이어 쓸 가사가 더는 남아 있지 않습니다. 새 가사를 시작하십시오.',
    en: (_: Record<never, never>) => 'the lyric to go on with is no longer kept; start a new one',
  },
  logitsNotFinite: {
    ko: (_: Record<never, never>) =>
      '이 모델은 글자를 고를 수 없습니다(계산 결과가 수가 아님). 학습이 실패한 모델이니 다른 모델이나 이전 체크포인트를 쓰십시오.',
    en: (_: Record<never, never>) =>
      'this model cannot choose a character (its output is not a number); its training failed, use another model or an earlier checkpoint',
  },
  vocabularyEmpty: {
    ko: (_: Record<never, never>) => '이 모델은 아는 글자가 없습니다. 다른 체크포인트를 쓰십시오.',
    en: (_: Record<never, never>) => 'this model knows no character; use another checkpoint',
  },
  linesMissing: {
    ko: (f: { syllables: number }) =>
      `${f.syllables}음절 이상인 줄이 없어 견줄 수 없습니다. 더 오래 학습한 체크포인트를 쓰거나 --temperature를 바꾸십시오.`,
    en: (f: { syllables: number }) =>
      `there is no line of ${f.syllables} syllables or more to compare; use a checkpoint that was trained for longer, or another --temperature`,
  },
  // engine
  engineMissing: {
    ko: (f: { engine: string; reason: string }) =>
      `${f.engine} 엔진을 쓸 수 없습니다 (${f.reason}). npm run setup-gpu로 설치하거나, ENGINE을 비우거나 wasm으로 두십시오.`,
    en: (f: { engine: string; reason: string }) =>
      `the ${f.engine} engine cannot be used (${f.reason}); install it with npm run setup-gpu, or leave ENGINE empty or set it to wasm`,
  },
  kernelsUnusable: {
    ko: (f: { build: string; runtime: string; others: readonly string[] }) =>
      `커널 빌드 ${f.build}은(는) ${f.runtime}에서 쓸 수 없습니다. KERNELS를 비우거나 다음 가운데 하나로 두십시오: ${f.others.join(', ')}`,
    en: (f: { build: string; runtime: string; others: readonly string[] }) =>
      `the kernel build ${f.build} cannot be used on ${f.runtime}; leave KERNELS empty, or set it to one of ${f.others.join(', ')}`,
  },
  tensorflowSetup: {
    ko: (f: { step: string; reason: string }) =>
      `TensorFlow를 설치하지 못했습니다. 실패한 단계: ${f.step} (${f.reason}). docs/gpu.md를 보십시오.`,
    en: (f: { step: string; reason: string }) =>
      `TensorFlow was not set up; the step that failed: ${f.step} (${f.reason}); see docs/gpu.md`,
  },
  // commands, platforms
  commandUnknown: {
    ko: (f: { command: string; nearest: string | undefined }) =>
      `/${f.command} 명령은 없습니다. ${f.nearest ? `/${f.nearest} 명령을 찾으십니까? ` : ''}/도움말에서 명령을 볼 수 있습니다.`,
    en: (f: { command: string; nearest: string | undefined }) =>
      `there is no command /${f.command}; ${f.nearest ? `did you mean /${f.nearest}? ` : ''}/help lists the commands`,
  },
  optionUnknown: {
    ko: (f: { command: string; option: string }) =>
      `/${f.command} 명령에는 ${f.option} 옵션이 없습니다. /도움말에서 옵션을 볼 수 있습니다.`,
    en: (f: { command: string; option: string }) =>
      `/${f.command} has no option ${f.option}; /help lists the options`,
  },
  optionFaults: {
    ko: (f: { faults: readonly { option: Localized; allowed: Localized }[] }) =>
      `쓸 수 없는 옵션 값이 있습니다. ${f.faults.map(({ option, allowed }) => `${option.ko}: ${allowed.ko}`).join('. ')}`,
    en: (f: { faults: readonly { option: Localized; allowed: Localized }[] }) =>
      `the value of an option cannot be used. ${f.faults.map(({ option, allowed }) => `${option.en}: ${allowed.en}`).join('. ')}`,
  },
  optionTwice: {
    ko: (f: { option: Localized }) => `${f.option.ko} 옵션이 두 번 있습니다. 하나만 남기십시오.`,
    en: (f: { option: Localized }) => `the option ${f.option.en} is given twice; keep one`,
  },
  optionsUnexpected: {
    ko: (f: { command: string }) =>
      `/${f.command} 명령 뒤에는 글을 쓸 수 없습니다. 명령만 쓰거나 /도움말에서 옵션을 보십시오.`,
    en: (f: { command: string }) => `/${f.command} takes no text; give the command alone, or see /help`,
  },
  notAdmin: {
    ko: (f: { command: string }) => `/${f.command} 명령은 관리자만 쓸 수 있습니다. 관리자에게 부탁하십시오.`,
    en: (f: { command: string }) => `/${f.command} is for admins; ask one of them`,
  },
  rateLimited: {
    ko: (f: { seconds: number }) => `명령이 너무 많습니다. ${f.seconds}초 뒤에 다시 하십시오.`,
    en: (f: { seconds: number }) => `too many commands; try again in ${f.seconds} s`,
  },
  attachmentForeign: {
    ko: (f: { file: string }) =>
      `${f.file}: 이 파일은 여기에 올린 것이 아닙니다. 명령에 파일을 직접 올리십시오.`,
    en: (f: { file: string }) => `${f.file} was not uploaded here; upload the file with the command`,
  },
  attachmentLost: {
    ko: (f: { file: string }) => `${f.file}: 파일을 내려받지 못했습니다. 파일을 다시 올려 명령을 내리십시오.`,
    en: (f: { file: string }) => `${f.file} could not be downloaded; give the command again with the file`,
  },
  draftGone: {
    ko: (_: Record<never, never>) =>
      '이 질문에는 이미 답했거나 기한이 지났습니다. /학습 명령을 다시 내리십시오.',
    en: (_: Record<never, never>) =>
      'this question is answered already, or has expired; give the command /train again',
  },
  draftRefused: {
    ko: (_: Record<never, never>) =>
      '그사이에 메시지를 쓴 사람 가운데 누군가가 학습을 거부했습니다. /학습 명령을 다시 내리면 그 사람의 글을 빼고 읽습니다.',
    en: (_: Record<never, never>) =>
      'somebody whose messages were read has refused training since; give the command /train again, and theirs are left out',
  },
  trainNothing: {
    ko: (_: Record<never, never>) =>
      '학습할 글이 없습니다. 텍스트 파일(.txt, .md, .lrc)을 붙이거나 messages:500 처럼 읽을 메시지 수를 쓰십시오.',
    en: (_: Record<never, never>) =>
      'there is nothing to train on; attach text files (.txt, .md, .lrc), or say how many messages to read, as messages:500',
  },
  historyNone: {
    ko: (_: Record<never, never>) => '여기에는 읽을 메시지가 없습니다. 텍스트 파일로 학습시키십시오.',
    en: (_: Record<never, never>) => 'there are no messages to read here; train on a text file',
  },
  historyForbidden: {
    ko: (_: Record<never, never>) =>
      '봇이 이 채널의 메시지를 읽을 수 없습니다. 봇을 채널에 초대하고 메시지 기록을 볼 권한을 주십시오.',
    en: (_: Record<never, never>) =>
      'the bot may not read the messages of this channel; invite it and let it read the message history',
  },
  historyEmpty: {
    ko: (f: { read: number; refused: number }) =>
      `메시지 ${f.read}개 가운데 학습에 쓸 글이 없습니다 (학습을 거부한 사람의 메시지 ${f.refused}개). 더 많이 읽거나 텍스트 파일로 학습시키십시오.`,
    en: (f: { read: number; refused: number }) =>
      `none of ${f.read} messages can be trained on (${f.refused} are of people who refused); read more, or train on a text file`,
  },
  messageContentOff: {
    ko: (_: Record<never, never>) =>
      '이 봇은 메시지를 읽지 않도록 설정되어 있습니다. 봇의 주인이 Developer Portal의 Bot 화면에서 Message Content Intent를 켜고 .env에 DISCORD_MESSAGE_CONTENT=true를 쓰면 됩니다. 텍스트 파일로는 지금도 학습할 수 있습니다.',
    en: (_: Record<never, never>) =>
      'this bot is configured to read no messages; its owner can switch on Message Content Intent in the Developer Portal (Bot) and set DISCORD_MESSAGE_CONTENT=true in .env. Text files can be trained on as it is',
  },
  messageContentHidden: {
    ko: (_: Record<never, never>) =>
      'Discord가 메시지의 내용을 보여 주지 않습니다. 봇의 주인이 Developer Portal의 Bot 화면에서 Message Content Intent를 켜야 합니다.',
    en: (_: Record<never, never>) =>
      "Discord does not show what the messages say; the bot's owner has to switch on Message Content Intent in the Developer Portal (Bot)",
  },
  slackHistoryScope: {
    ko: (_: Record<never, never>) =>
      'Slack 앱에 메시지를 읽을 권한이 없습니다. npm run --silent slack-manifest -- --messages 가 내는 매니페스트로 앱을 고쳐 다시 설치하십시오.',
    en: (_: Record<never, never>) =>
      'the Slack app may not read messages; give it the manifest of npm run --silent slack-manifest -- --messages, and install it again',
  },
  fileTooLargeToSend: {
    ko: (f: { file: string; bytes: number; limit: number }) =>
      `${f.file}: 파일이 ${f.bytes}바이트여서 여기서는 보낼 수 없습니다. ${f.limit}바이트까지 보낼 수 있습니다.`,
    en: (f: { file: string; bytes: number; limit: number }) =>
      `${f.file} has ${f.bytes} bytes; no more than ${f.limit} can be sent here`,
  },
  discordToken: {
    ko: (_: Record<never, never>) =>
      'Discord가 DISCORD_TOKEN을 받아들이지 않습니다. Developer Portal의 Bot 화면에서 토큰을 새로 받아 .env에 쓰십시오.',
    en: (_: Record<never, never>) =>
      'Discord does not accept DISCORD_TOKEN; reset the token in the Developer Portal (Bot) and put it into .env',
  },
  discordShards: {
    ko: (_: Record<never, never>) =>
      'Discord가 SHARDS의 수를 받아들이지 않습니다. SHARDS를 비우거나 auto로 두십시오.',
    en: (_: Record<never, never>) =>
      'Discord does not accept that number of SHARDS; leave SHARDS empty, or set it to auto',
  },
  discordUnreachable: {
    ko: (f: { address: string; reason: string }) =>
      `Discord(${f.address})에 연결할 수 없습니다(${f.reason}). 인터넷 연결과 DISCORD_API_URL을 확인하십시오.`,
    en: (f: { address: string; reason: string }) =>
      `Discord at ${f.address} cannot be reached (${f.reason}); check the internet connection, and DISCORD_API_URL`,
  },
  discordSessions: {
    ko: (f: { until: string }) =>
      `Discord가 지금은 연결을 더 받지 않습니다(하루에 연결할 수 있는 횟수를 다 썼습니다). ${f.until} 뒤에 다시 시작하십시오.`,
    en: (f: { until: string }) =>
      `Discord takes no more connections now (there is a number a day); start again after ${f.until}`,
  },
  discordRegistration: {
    ko: (f: { reason: string }) =>
      `명령을 등록하지 못했습니다(${f.reason}). 봇이 DISCORD_GUILD_ID 서버에 applications.commands 범위로 초대되었는지, DISCORD_APPLICATION_ID가 맞는지 확인하십시오.`,
    en: (f: { reason: string }) =>
      `the commands could not be registered (${f.reason}); check that the bot was invited to the server DISCORD_GUILD_ID with the scope applications.commands, and DISCORD_APPLICATION_ID`,
  },
  discordNoToken: {
    ko: (_: Record<never, never>) =>
      'DISCORD_TOKEN이 없습니다. Developer Portal의 Bot 화면에서 토큰을 받아 .env에 쓰십시오 (docs/discord.md).',
    en: (_: Record<never, never>) =>
      'DISCORD_TOKEN is not set; take the token from the Developer Portal (Bot) and put it into .env (docs/discord.md)',
  },
  buttonExpired: {
    ko: (_: Record<never, never>) => '이 버튼은 기한이 지났습니다. 명령을 다시 내리십시오.',
    en: (_: Record<never, never>) => 'this button has expired; give the command again',
  },
  shuttingDown: {
    ko: (_: Record<never, never>) => '지금 끝내는 중입니다. 다시 시작한 뒤에 하십시오.',
    en: (_: Record<never, never>) => 'shutting down; try again after the restart',
  },
  privacyDamaged: {
    ko: (f: { file: string }) =>
      `${f.file}: 학습을 거부한 사람의 목록이 손상되었습니다. 백업에서 되돌리거나, 파일을 지우고 사람들에게 /개인정보 로 다시 정하게 하십시오.`,
    en: (f: { file: string }) =>
      `${f.file}: the list of those who refused training is damaged; restore it from a backup, or remove the file and have people choose again with /privacy`,
  },
  settingsDamaged: {
    ko: (f: { file: string }) =>
      `${f.file}: 설정 파일이 손상되었습니다. 고치거나 지우십시오. 지우면 서버마다 정한 모델과 언어를 다시 정해야 합니다.`,
    en: (f: { file: string }) =>
      `${f.file}: the file of settings is damaged; correct or remove it (removed, each server's model and language must be chosen anew)`,
  },
  // Slack
  slackToken: {
    ko: (f: { variable: string; fault: string }) =>
      `Slack이 ${f.variable}을(를) 받아들이지 않습니다(${f.fault}). api.slack.com/apps에서 앱의 토큰을 다시 복사하십시오. docs/slack.md에 방법이 있습니다.`,
    en: (f: { variable: string; fault: string }) =>
      `Slack does not accept ${f.variable} (${f.fault}); copy the app's token again from api.slack.com/apps, docs/slack.md says how`,
  },
  slackUnreachable: {
    ko: (f: { address: string }) =>
      `Slack에 연결할 수 없습니다(${f.address}). 네트워크와 SLACK_API_URL을 확인하십시오.`,
    en: (f: { address: string }) =>
      `Slack cannot be reached at ${f.address}; check the network and SLACK_API_URL`,
  },
  slackPort: {
    ko: (f: { port: number }) =>
      `${f.port}번 포트를 열 수 없습니다. SLACK_PORT에 쓰이지 않는 포트를 적으십시오.`,
    en: (f: { port: number }) => `port ${f.port} cannot be opened; set SLACK_PORT to one that is free`,
  },
  slackFile: {
    ko: (f: { file: string }) =>
      `${f.file}: Slack에서 파일을 받지 못했습니다. 봇을 채널에 초대하고(/invite) 파일을 다시 올리십시오.`,
    en: (f: { file: string }) =>
      `${f.file}: the file could not be downloaded from Slack; /invite the bot into the channel and upload the file again`,
  },
  slackUpload: {
    ko: (f: { file: string }) =>
      `${f.file}: Slack에 파일을 보내지 못했습니다. 앱에 files:write 권한이 있는지 확인하고(새 매니페스트로 다시 설치), 봇을 채널에 초대하십시오.`,
    en: (f: { file: string }) =>
      `${f.file} could not be sent to Slack; check that the app has the scope files:write (install it again with a new manifest), and invite the bot to the channel`,
  },
  slackForm: {
    ko: (_: Record<never, never>) => '입력 창을 열지 못했습니다. 명령을 다시 내리십시오.',
    en: (_: Record<never, never>) => 'the form could not be opened; give the command again',
  },
  // models in memory
  modelUnknown: {
    ko: (f: { model: string; names: readonly string[] }) =>
      `${f.model} 모델이 없습니다. 쓸 수 있는 모델: ${f.names.join(', ')}`,
    en: (f: { model: string; names: readonly string[] }) =>
      `there is no model ${f.model}; there are: ${f.names.join(', ')}`,
  },
  modelsNone: {
    ko: (f: { folder: string }) =>
      `${f.folder} 폴더에 모델이 없습니다. 글 파일로 하나를 학습시키십시오: /학습 파일.txt (또는 npm run train -- --data-dir data/이름)`,
    en: (f: { folder: string }) =>
      `there is no model in ${f.folder}; train one on a text file: /train FILE.txt (or npm run train -- --data-dir data/NAME)`,
  },
  modelExists: {
    ko: (f: { model: string }) => `${f.model} 모델이 이미 있습니다. name 옵션으로 다른 이름을 주십시오.`,
    en: (f: { model: string }) => `there is already a model ${f.model}; give another with the option name`,
  },
  modelName: {
    ko: (_: Record<never, never>) =>
      '모델 이름에는 글자, 숫자, 점, 밑줄, 붙임표만 쓸 수 있고 글자나 숫자로 시작해야 하며 64자를 넘을 수 없습니다. name 옵션으로 다른 이름을 주십시오.',
    en: (_: Record<never, never>) =>
      'a model name has letters, digits, dots, underscores and hyphens alone, begins with a letter or digit and has at most 64 of them; give another with the option name',
  },
  modelOfAll: {
    ko: (f: { model: string }) =>
      `${f.model}은(는) 모두가 함께 쓰는 모델이라 이곳에서 바꿀 수 없습니다. 봇의 주인에게 부탁하거나, 이어 학습해서 이곳의 모델을 만드십시오.`,
    en: (f: { model: string }) =>
      `${f.model} belongs to all and cannot be changed here; ask the owner of the bot, or train a model of your own from it`,
  },
  modelInUse: {
    ko: (f: { model: string; as: ModelUse }) =>
      ({
        default: `${f.model}은(는) 이곳의 기본 모델이라 그럴 수 없습니다. 먼저 /설정 model:다른이름 으로 기본 모델을 바꾸십시오.`,
        configured: `${f.model}은(는) 봇의 기본 모델이라 그럴 수 없습니다. 먼저 DEFAULT_MODEL에 다른 이름을 적고 봇을 다시 시작하십시오.`,
        elsewhere: `${f.model}을(를) 기본 모델로 쓰는 서버가 있어 지울 수 없습니다.`,
        training: `${f.model} 모델로 학습하고 있어 그럴 수 없습니다. 학습이 끝난 뒤에 다시 하거나 /취소로 멈추십시오.`,
      })[f.as],
    en: (f: { model: string; as: ModelUse }) =>
      ({
        default: `${f.model} is the default model here; choose another with /settings model:NAME first`,
        configured: `${f.model} is the bot's default model; set DEFAULT_MODEL to another and restart the bot first`,
        elsewhere: `${f.model} is the default model of a server and cannot be deleted`,
        training: `a training works with ${f.model}; wait until it ends, or stop it with /cancel`,
      })[f.as],
  },
  rollbackNone: {
    ko: (f: { model: string }) =>
      `${f.model} 모델에는 되돌아갈 이전 판이 없습니다. /모델에서 볼 수 있습니다.`,
    en: (f: { model: string }) =>
      `there is no earlier version of ${f.model} to go back to; /models shows what there is`,
  },
  versionUnknown: {
    ko: (f: { model: string; version: number; kept: readonly number[] }) =>
      `${f.model} 모델의 ${f.version}판으로 되돌릴 수 없습니다. 남아 있는 판: ${f.kept.join(', ') || '없음'}`,
    en: (f: { model: string; version: number; kept: readonly number[] }) =>
      `${f.model} cannot go back to version ${f.version}; kept: ${f.kept.join(', ') || 'none'}`,
  },
  quotaModels: {
    ko: (f: { used: number; most: number }) =>
      `이곳에는 모델을 ${f.most}개까지 둘 수 있는데 이미 ${f.used}개가 있습니다. /모델관리로 하나를 지우십시오.`,
    en: (f: { used: number; most: number }) =>
      `this place may have ${f.most} models and has ${f.used}; delete one with /model`,
  },
  quotaBytes: {
    ko: (f: { used: number; most: number }) =>
      `이곳의 모델은 모두 ${inMegabytes(f.most)}MB까지인데 ${inMegabytes(f.used)}MB가 됩니다(이전 판 포함). /모델관리로 하나를 지우십시오.`,
    en: (f: { used: number; most: number }) =>
      `the models of this place may take ${inMegabytes(f.most)} MB and would take ${inMegabytes(f.used)} MB, earlier versions included; delete one with /model`,
  },
  modelTooLarge: {
    ko: (f: { file: string; most: number }) =>
      `${f.file}: 모델 파일이 너무 큽니다. ${inMegabytes(f.most)}MB까지 됩니다. float16으로 저장한 파일이나 더 작은 모델을 주십시오.`,
    en: (f: { file: string; most: number }) =>
      `${f.file}: the model file is too large; at most ${inMegabytes(f.most)} MB are allowed, give one saved as float16 or a smaller model`,
  },
  modelVocabulary: {
    ko: (f: { file: string; character: string }) =>
      `${f.file}: 가사에 쓸 수 없는 문자(${f.character})를 쓰는 모델입니다. 다른 체크포인트를 쓰십시오.`,
    en: (f: { file: string; character: string }) =>
      `${f.file}: the model writes characters that no lyric has (${f.character}); use another checkpoint`,
  },
  notOwner: {
    ko: (_: Record<never, never>) =>
      '모두가 쓰는 모델은 봇의 주인만 정합니다. 주인에게 부탁하십시오 (설정의 OWNERS).',
    en: (_: Record<never, never>) =>
      'only the owner of the bot publishes models for all; ask them (OWNERS in the configuration)',
  },
  newNameMissing: {
    ko: (_: Record<never, never>) => 'name 옵션으로 새 이름을 주십시오.',
    en: (_: Record<never, never>) => 'give the new name with the option name',
  },
  ...jobErrors,
  // config
  configFaults: {
    ko: (f: { faults: readonly { variable: string; allowed: Localized }[] }) =>
      `설정(.env 또는 환경 변수)을 고치십시오.\n${f.faults.map(({ variable, allowed }) => `  ${variable}: ${allowed.ko}`).join('\n')}`,
    en: (f: { faults: readonly { variable: string; allowed: Localized }[] }) =>
      `correct the settings (.env or environment variables)\n${f.faults.map(({ variable, allowed }) => `  ${variable}: ${allowed.en}`).join('\n')}`,
  },
} satisfies Record<string, Message>;

export type ErrorCode = keyof typeof messages;
export type ErrorFacts<C extends ErrorCode> = Parameters<(typeof messages)[C]['en']>[0];

export function errorText<C extends ErrorCode>(locale: 'ko' | 'en', code: C, facts: ErrorFacts<C>): string {
  return (messages[code][locale] as (f: ErrorFacts<C>) => string)(facts);
}
