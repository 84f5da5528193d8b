/** The analysis server of JSON as it ships, built where the product looks for it. */
import esbuild from 'esbuild';
// @ts-expect-error The build is plain JavaScript.
import { builds } from '../../build.mjs';

export async function builtServer(): Promise<void> {
  const all = builds as readonly { readonly entryPoints: Readonly<Record<string, string>> }[];
  await esbuild.build(all.find(({ entryPoints }) => 'json-server' in entryPoints)!);
}
