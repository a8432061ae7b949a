/** What a `UserError` about networks, checkpoints and files says, Korean and English. */

export const checkpointErrors = {
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
};
