/** What songs are about, by words that stand in them: an estimate of a corpus's breadth, not a reading. */
import { type Song, wordsOf } from './songs.ts';

/** How words of a theme begin, `_` for the blank between two words. */
const THEMES = {
  love: '사랑 설레 고백 좋아해 좋아하 반했 입맞 키스 짝사랑 첫사랑',
  parting: '헤어 이별 작별 떠나 떠난 떠났 떠날 안녕 배웅 보내고 보낸 보냈',
  longing: '그리움 그리워 그립 보고_싶 보고프 보고파 기다리 기다렸 기다림 기다려 생각나 잊',
  reunion: '다시_만 재회 오랜만 마주친 마주쳤 돌아왔 돌아온 년_만에 동창회',
  marriage: '아내 남편 신랑 신부 결혼 혼인 청혼 반지 여보 부부',
  family: '엄마 아빠 어머니 아버지 할머니 할아버지 외할 딸 아들 누나 언니 오빠 동생 손주 이모 삼촌',
  friendship: '친구 동무 벗 짝꿍 동창',
  children: '아이 아기 젖 기저귀 유모차 놀이터 걸음마',
  old_age: '늙 주름 백발 흰머리 틀니 지팡이 보청기 환갑 칠순 요양',
  death: '장례 영정 제사 무덤 산소 빈소 유품 별세 하늘나라 죽음',
  school: '교실 학교 선생님 운동장 칠판 졸업 교복 숙제 시험 책상 도서관',
  work: '출근 퇴근 회사 사무실 야근 월급 공장 사장 가게 장사 시장 일당 사직서',
  city_night: '가로등 골목 신호등 편의점 네온 옥상 막차 택시 횡단보도 아파트 빌딩 자취 고시원 간판 불빛 심야',
  journey: '기차 열차 버스 역 정거장 정류장 터미널 공항 비행기 지하철 승강장 차창 배낭',
  sea: '바다 파도 등대 섬 부두 포구 항구 모래 갯벌 썰물 밀물 갈매기 뱃',
  mountain_field: '산 들판 논 밭 숲 계곡 고개 마을 나무 개울 강 시냇',
  spring: '봄 벚꽃 진달래 개나리 목련 새싹 꽃샘',
  summer: '여름 매미 장마 소나기 수박 선풍기 모기 반딧',
  autumn: '가을 낙엽 단풍 코스모스 은행잎 억새 추석',
  winter: '겨울 눈사람 첫눈 함박눈 눈발 고드름 군고구마 난로 김장 썰매',
  letters: '편지 엽서 우표 봉투 답장 우체 문자 전보 쪽지 일기',
  telephone: '전화 수화기 휴대폰 핸드폰 공중전화 통화 벨',
  music: '노래 기타 피아노 라디오 음반 테이프 악보 노랫말 휘파람 가사 멜로디',
  food: '밥 국수 국물 김치 라면 된장 커피 찌개 떡 빵 반찬 도시락 만두 술 소주 막걸리',
  household: '이불 서랍 빨래 부엌 창문 벽지 냉장고 옷장 마루 장판 설거지',
  sky: '별 달 달빛 별빛 하늘 구름 노을 무지개 은하수 초승달 보름달',
  weather: '비 빗 우산 바람 안개 천둥 태풍 서리',
  comfort: '괜찮 위로 울어도 쉬어 토닥 힘내 고생 수고 애썼 잘했',
  dream_hope: '꿈 희망 소원 내일 별똥',
  hospital: '병원 병실 수술 의사 간호 약봉 링거 환자 입원 약국',
  army: '군대 훈련소 입대 제대 휴가 이등병 군복 초소',
  animals: '고양이 강아지 제비 새들 비둘기 참새 나비 고래 거북 까치 송아지 황소',
} as const;

export type Theme = keyof typeof THEMES;

/** Lines with a theme's words that make a song one of that theme. */
const LINES = 2;

/** A beginning of one syllable must be the whole word but for a particle: 산 and 산이, not 산책. */
const PATTERNS = Object.entries(THEMES).map(([theme, beginnings]) => {
  const alternatives = beginnings
    .split(' ')
    .map((beginning) => beginning.replaceAll('_', ' '))
    .map((beginning) =>
      beginning.length > 1 ? beginning : `${beginning}[은는이가을를에의도만과와로]?(?= |$)`,
    );
  return [theme as Theme, new RegExp(`(?:^| )(?:${alternatives.join('|')})`)] as const;
});

export function themesOf(song: Song): Theme[] {
  const lines = song.lines.map((line) => wordsOf(line).join(' '));
  return PATTERNS.filter(([, pattern]) => lines.filter((line) => pattern.test(line)).length >= LINES).map(
    ([theme]) => theme,
  );
}
