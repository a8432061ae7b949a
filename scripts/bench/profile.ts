/**
 * Where the time of a training step goes, seen by V8's sampling profiler on the caller's thread (one of the
 * threads, with an equal share of the work). Nothing in the engine is changed for it. Functions of the kernels
 * have no names but their index; an exported one tells its index, and those it calls are counted with it.
 */
import { type Profiler, Session } from 'node:inspector/promises';
import { type BuildName, chosenBuild } from '../../src/engine/wasm/builds.ts';
import { createMemory, instantiate, RESERVED_BYTES } from '../../src/engine/wasm/kernels.ts';
import type { Outcome, Profile } from './protocol.ts';

const INTERVAL_MICROSECONDS = 200;
/** Functions of the engine that only cut work up: what they call belongs to their caller. */
const HELPERS = ['', 'inBlocks', 'productInParts', 'forEachThread'];

/** @param run does that many steps, on kernels of that build. */
export async function profileSteps(
  count: number,
  run: (count: number) => Promise<Outcome>,
  build: BuildName | undefined,
): Promise<Profile> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_MICROSECONDS });
  await session.post('Profiler.start');
  const { seconds } = await run(count);
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return { seconds: seconds / count, parts: sharesOf(profile, kernelNames(build)) };
}

/** Names of the exported kernels by V8's name of their function. */
function kernelNames(build: BuildName | undefined): Map<string, string> {
  const exports = instantiate(chosenBuild(build)!.module, createMemory(2 * RESERVED_BYTES));
  const functions = Object.entries(exports).filter(([, value]) => typeof value === 'function');
  return new Map(functions.map(([name, { name: index }]) => [`wasm-function[${index}]`, name]));
}

/** Samples by the engine's function that called the kernel, and by kernel. */
function sharesOf(profile: Profiler.Profile, kernels: ReadonlyMap<string, string>): Profile['parts'] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children }) => (children ?? []).map((child) => [child, id] as const)),
  );
  const counts = new Map<string, number>();
  for (const sample of profile.samples ?? []) {
    let part = '';
    let kernel = '';
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const { functionName, url } = nodes.get(id)!.callFrame;
      kernel = kernels.get(functionName) ?? kernel;
      if (part === '' && url.includes('/engine/') && !HELPERS.includes(functionName)) part = functionName;
    }
    const key = JSON.stringify([part || '(outside the engine)', kernel || '(JavaScript)']);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const total = profile.samples?.length ?? 0;
  return [...counts]
    .map(([key, samples]) => {
      const [part, kernel] = JSON.parse(key) as [string, string];
      return { part, kernel, share: samples / total };
    })
    .sort((a, b) => b.share - a.share);
}
