/** Whether the machine has a GPU that TensorFlow could use: a look at a few paths, without loading anything. */
import { existsSync } from 'node:fs';

/** NVIDIA's driver on Linux, the same under WSL, and on Windows. */
const DRIVERS = ['/dev/nvidiactl', '/dev/dxg', 'C:\\Windows\\System32\\nvcuda.dll'];

export const hasGpuDriver = (): boolean => DRIVERS.some((file) => existsSync(file));
