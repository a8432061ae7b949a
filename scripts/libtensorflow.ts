/** `npm run libtensorflow`: builds TensorFlow's addon on the C library in TensorFlow's Python wheels (Linux). */
import { parseArgs } from 'node:util';
import { runScript } from '../src/cli/run.ts';
import { checkTensorflow } from './tensorflow/check.ts';
import { installLibrary } from './tensorflow/install.ts';
import { say } from './tensorflow/steps.ts';
import { TENSORFLOW_VERSION } from './tensorflow/wheels.ts';

await runScript(async () => {
  const { values } = parseArgs({
    options: {
      gpu: { type: 'boolean', default: false },
      version: { type: 'string', default: TENSORFLOW_VERSION },
    },
  });
  const file = installLibrary(values);
  const { version, gpu } = await checkTensorflow();
  say({
    ko: `3/3 확인했습니다: TensorFlow ${version}, ${gpu ? 'GPU' : 'CPU'} (${file})`,
    en: `3/3 checked: TensorFlow ${version}, ${gpu ? 'GPU' : 'CPU'} (${file})`,
  });
  return 0;
});
