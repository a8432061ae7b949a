import test from 'node:test';
import { fuzzIntake } from './fixtures/odd-files.ts';

test('5,000 odd files: each is answered, none crashes', () => fuzzIntake(5000, 2));
