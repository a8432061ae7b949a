/** Entry of a worker thread of a training stepper. */
import { parentPort, workerData } from 'node:worker_threads';
import { instantiate } from './kernels.ts';
import { CONTROL } from './plan.ts';
import { COMMAND, Control, runCommand, type ThreadSetup } from './thread.ts';

export interface WorkerSetup extends ThreadSetup {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

const setup = workerData as WorkerSetup;
const kernels = instantiate(setup.module, setup.memory);
const control = new Control(setup.memory, setup.plan.threads);
const meet = () => kernels.barrier(setup.plan.threads, CONTROL.barrier);

parentPort!.postMessage('ready');
for (;;) {
  meet();
  if (control.order.command === COMMAND.close) break;
  runCommand(kernels, control, setup);
  meet();
}
