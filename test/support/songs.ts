/** Songs to train on: short, each unlike the others. */
const PLACES = ['바다', '골목', '창가', '옥상', '강변', '역', '숲', '언덕', '다리', '광장', '부두', '교실'];
const THINGS = ['편지', '우산', '노래', '불빛', '그림자', '발자국', '전화', '사진', '약속', '바람', '꽃잎'];
const ENDS = ['기다려요', '멀어져요', '돌아봐요', '불러봐요', '흘러가요', '남아있죠', '사라지죠'];

const pick = (list: readonly string[], i: number): string => list[i % list.length]!;

/** @param count at most some hundreds before songs become alike. */
export const songs = (count: number): string =>
  Array.from({ length: count }, (_, song) =>
    Array.from({ length: 6 }, (_, line) => {
      const i = song * 31 + line * 17 + song * line;
      return `${pick(PLACES, i)}에 ${pick(THINGS, i * 3 + song)} 하나 ${pick(ENDS, i * 5 + line)}`;
    }).join('\n'),
  ).join('\n\n\n');
