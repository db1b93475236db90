/** Files of this machine for agents, and for what agents have made. */

import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { OpenAIError } from '../../../core/error.js';
import { type WritableStream as AgentWritableStream } from '../../../internal/shim-types.js';
import { toStreamingFile, type StreamingFile } from '../../../internal/uploads.js';
import { type RequestOptions } from '../../../internal/request-options.js';
import { type Files } from '../../../resources/beta/agents/environments/files.js';
import { prepareAgentFiles, type PreparedAgentFiles } from '../../../lib/beta/agents/files.js';
import { clientOf } from '../../owner.js';

type Sized = StreamingFile & { size: number };

/** A link in the last place is not followed; Windows has no such flag. */
const NO_LINK = constants.O_NOFOLLOW ?? 0;

/**
 * A file that is opened when it is sent.
 *
 * @throws {OpenAIError} It is no regular file; sending it throws when its size is another by then.
 * @throws {Error} There is none.
 */
export async function agentFile(path: string): Promise<
  StreamingFile & {
    size: number;
  }
> {
  const absolute = resolve(path);
  const size = await sizeOf(absolute);
  const data = { [Symbol.asyncIterator]: () => bytes(absolute, size) };
  return Object.assign(toStreamingFile(data, basename(absolute)), { size }) as Sized;
}

/**
 * Uploads files of a directory, one after the other, and gives references to them for a hosted environment.
 *
 * @param params - `include` names the files, with `/` and below the directory; `to` is the folder of the environment that
 *   takes them, default `/workspace`.
 * @throws {OpenAIError} A name leads elsewhere or stands twice, or something on the way is a link; nothing was uploaded.
 * @throws {AgentFileUploadError} An upload failed; it names the files that were uploaded before.
 */
export async function prepareAgentDirectory(
  resource: Files,
  directory: string,
  params: {
    include: readonly string[];
    to?: string;
  },
  options?: RequestOptions,
): Promise<PreparedAgentFiles> {
  const files: Record<string, Sized> = {};
  const root = resolve(directory);
  for (const name of requireNames([...params.include])) {
    await requireDirectories(root, name.split('/').slice(0, -1));
    files[`${params.to ?? '/workspace'}/${name}`] = await agentFile(join(root, name));
  }
  return prepareAgentFiles(clientOf(resource), files, options);
}

/**
 * A stream that writes to a file, which is opened by the first write and emptied then.
 *
 * @returns It fails when the place holds something that is no regular file.
 */
export function agentFileDestination(path: string): AgentWritableStream<Uint8Array> {
  const absolute = resolve(path);
  let file: Promise<FileHandle> | undefined;
  const opened = () => (file ??= openForWriting(absolute));
  const close = async () => {
    await (await file)?.close();
  };
  return new WritableStream<Uint8Array>({
    async write(chunk) {
      const handle = await opened();
      try {
        await handle.writeFile(chunk);
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
    async close() {
      await opened();
      await close();
    },
    abort: close,
  });
}

/** In bytes. */
async function sizeOf(path: string): Promise<number> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) throw new OpenAIError('Agent file sources cannot contain symbolic links');
  if (!found.isFile()) throw new OpenAIError('Agent file sources must be regular files');
  return found.size;
}

async function* bytes(path: string, size: number): AsyncGenerator<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | NO_LINK);
  try {
    const found = await file.stat();
    let left = size;
    const requireSame = (isSame: boolean) => {
      if (!isSame) throw new OpenAIError('Selected agent file changed before upload');
    };
    requireSame(found.isFile() && found.size === size);
    for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Uint8Array>) {
      left -= chunk.length;
      requireSame(left >= 0);
      yield chunk;
    }
    requireSame(left === 0);
  } finally {
    await file.close();
  }
}

/** Names that stay below their directory, each once. */
function requireNames(names: string[]): string[] {
  const isPlain = (name: string) =>
    !/[\\\0]/.test(name) && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (names.every(isPlain) && new Set(names).size === names.length) return names;
  throw new OpenAIError('Directory selections must be unique relative file paths');
}

/** A directory in between that is a link would lead out of the root. */
async function requireDirectories(root: string, parts: string[]): Promise<void> {
  let path = root;
  for (const part of ['', ...parts]) {
    path = join(path, part);
    const found = await lstat(path);
    if (found.isSymbolicLink()) throw new OpenAIError('Agent file sources cannot contain symbolic links');
    if (!found.isDirectory()) throw new OpenAIError('Expected a directory');
  }
}

async function openForWriting(path: string): Promise<FileHandle> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found && !found.isFile()) throw new OpenAIError('Agent artifact destinations must be regular files');
  return open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | NO_LINK, 0o666);
}
