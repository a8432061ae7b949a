import assert from 'node:assert/strict';
import test from 'node:test';
import { hasSpeech, type Register, registerOf, withoutParticle } from '../../scripts/corpus/korean.ts';

test('the register of a line shows at its end', () => {
  const lines: Record<Register, string[]> = {
    honorific: [
      '모르는 역에서 내렸습니다',
      '거기 계십니까?',
      '아직 뜨거워요',
      '문을 열었죠',
      '편히 쉬시오',
      '나는 여기 있소',
      '돌아가오, 하오',
      '다 늙었구려',
    ],
    plain: [
      '너를 기다렸다',
      '비가 왔어',
      '그랬었지',
      '꽃이 피었네',
      '어디쯤 왔을까',
      '금방 갈게',
      '나를 봐',
      '잘 살아라',
      '네가 있구나',
    ],
    open: [
      '너를 기다리다가',
      '비가 오면',
      '그러니까',
      '해가 질 때까지',
      '봄마다',
      '너에게',
      '한 마리 새',
      '',
      '누구보다',
    ],
  };
  for (const [register, examples] of Object.entries(lines)) {
    for (const line of examples) assert.equal(registerOf(line), register, line);
  }
});

test('somebody is asked or quoted where a line says so', () => {
  for (const line of ['괜찮아?', '다시는 안 온다고', '네가 말했지', '누가 왔느냐 묻네', '잘 가요 하고']) {
    assert.ok(hasSpeech(line), line);
  }
  for (const line of ['물을 마셨다', '인사를 하고', '말이 없네', '']) assert.ok(!hasSpeech(line), line);
});

test('a particle is taken off where it can be one', () => {
  const stems = {
    손을: '손',
    손이: '손',
    바다는: '바다',
    바다에서: '바다',
    길로: '길',
    집으로: '집',
    너와: '너',
    달과: '달',
    나이: '나이',
    구름: '구름',
    은: '은',
    사이: '사이',
  };
  for (const [word, stem] of Object.entries(stems)) assert.equal(withoutParticle(word), stem, word);
});
