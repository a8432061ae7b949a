/** `npm run setup-gpu`: sets TensorFlow up where it is not yet, and says which device it sees. */
import { runScript } from '../src/cli/run.ts';
import { findAddon, findPackage } from '../src/engine/tensorflow/addon.ts';
import { hasGpuDriver } from '../src/engine/tensorflow/gpu.ts';
import { checkTensorflow } from './tensorflow/check.ts';
import { canInstall, installLibrary } from './tensorflow/install.ts';
import { requireTool, run, say } from './tensorflow/steps.ts';
import { TENSORFLOW_VERSION } from './tensorflow/wheels.ts';

await runScript(async () => {
  if (!findAddon()) setUp();
  const { version, gpu } = await checkTensorflow();
  if (gpu) {
    say({
      ko: `TensorFlow ${version}이(가) GPU를 씁니다. 이제 tensorflow 엔진이 저절로 선택됩니다.`,
      en: `TensorFlow ${version} uses the GPU; the tensorflow engine is chosen by itself from now on`,
    });
  } else {
    say({
      ko: `TensorFlow ${version}은(는) CPU만 봅니다. GPU가 있다면 드라이버를 확인하고 npm run libtensorflow -- --gpu를 실행하십시오. CPU로 쓰려면 ENGINE=tensorflow로 두십시오.`,
      en: `TensorFlow ${version} sees the CPU alone; where there is a GPU, check its driver and run npm run libtensorflow -- --gpu; to use it on the CPU set ENGINE=tensorflow`,
    });
  }
  return 0;
});

/** From PyPI where that has a library for the machine, else by the package's own installer. */
function setUp(): void {
  if (canInstall()) {
    installLibrary({ gpu: hasGpuDriver(), version: TENSORFLOW_VERSION });
    return;
  }
  const found = findPackage();
  requireTool(found !== undefined, '@tensorflow/tfjs-node-gpu', 'npm ci --include=optional');
  run('install', process.platform === 'win32' ? 'npm.cmd' : 'npm', ['run', 'install'], found!.folder);
}
