import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { createReferenceEngine } from '../reference/engine.ts';
import { testEngine } from './contract.ts';

testEngine('reference', createReferenceEngine);

it('leaves no tensor behind', () => assert.equal(tf.memory().numTensors, 0));
